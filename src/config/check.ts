import type * as z from "zod/mini";
import { ConfigError, type Origin } from "./config-error.js";
import { type Config, configSchema, partialConfigSchema } from "./schema.js";
import { flatten, SETTING_KEYS, type Written } from "./setting.js";

type OriginOf = (key: string) => Origin;

/** Throws a ConfigError for the first thing in this piece of settings that is unknown or not allowed. */
export function checkPart(written: Written, originOf: OriginOf): void {
  const parsed = partialConfigSchema.safeParse(written);
  if (!parsed.success) throw toConfigError(parsed.error, { written, originOf });
}

/** The complete settings as numbers of ms and bytes; throws a ConfigError, also where two settings contradict. */
export function checkWhole(written: Written, originOf: OriginOf): Config {
  const parsed = configSchema.safeParse(written);
  if (!parsed.success) throw toConfigError(parsed.error, { written, originOf });
  const contradiction = contradictionIn(parsed.data, flatten(written));
  if (contradiction === undefined) return parsed.data;
  const { keys, allowed } = contradiction;
  // Blame whichever of the two was set by somebody.
  const origin = keys.map(originOf).find(({ kind }) => kind !== "default") ?? originOf(keys[0]);
  throw new ConfigError({ origin, key: keys[0], value: flatten(written)[keys[0]], allowed });
}

/** Two settings that cannot both hold: the one that is refused, the other one, and what would be accepted. */
type Contradiction = { readonly keys: readonly [string, string]; readonly allowed: string };

function contradictionIn({ websocket, tls }: Config, written: Written): Contradiction | undefined {
  const { ping_period, pong_wait } = websocket;
  if (ping_period >= pong_wait) {
    const allowed = `less than websocket.pong_wait (${String(written["websocket.pong_wait"])})`;
    return { keys: ["websocket.ping_period", "websocket.pong_wait"], allowed };
  }
  if (tls.key === "" && tls.cert !== "") {
    return { keys: ["tls.key", "tls.cert"], allowed: "the key's PEM file, for tls.cert is set" };
  }
  if (tls.cert === "" && tls.key !== "") {
    return { keys: ["tls.cert", "tls.key"], allowed: "the certificate's PEM file, for tls.key is set" };
  }
  return undefined;
}

function toConfigError(error: z.core.$ZodError, from: { written: Written; originOf: OriginOf }): ConfigError {
  const issue = error.issues[0];
  if (issue === undefined) return new ConfigError({ origin: from.originOf(""), key: "", allowed: error.message });
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = [...path, issue.keys[0] ?? ""].join(".");
    return new ConfigError({ origin: from.originOf(key), key, allowed: unknownKeyText(path[0]) });
  }
  const key = path.slice(0, 2).join(".");
  const value = flatten(from.written)[key];
  return new ConfigError({ origin: from.originOf(key), key, value, allowed: allowedText(issue) });
}

function allowedText(issue: z.core.$ZodIssue): string {
  // Only a group itself still has zod's own wording.
  return issue.code === "invalid_type" && issue.expected === "object" ? "settings, one a line below it" : issue.message;
}

function unknownKeyText(group: string | undefined): string {
  const keys = SETTING_KEYS.map((key) => key.split("."));
  const names =
    group === undefined ? keys.map(([top]) => top) : keys.filter(([top]) => top === group).map(([, k]) => k);
  return `there is no such setting; there are ${[...new Set(names)].join(", ")}`;
}
