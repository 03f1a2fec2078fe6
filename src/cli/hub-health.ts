import { setTimeout as delay } from "node:timers/promises";
import { PROTOCOL_VERSION } from "../protocol/frame.js";
import { hubUrl, requestHub } from "./hub-request.js";

/** What `GET /health` of a hub answers, as far as a client needs it. */
export type HubHealth = {
  readonly server_id: string;
  readonly version: string;
  readonly protocol: number;
  readonly status: string;
  readonly pid: number;
  /** How it knows people: `open` (guests), `token` (accounts), `resolver` (users of another program). */
  readonly auth: string;
  /** It ends by itself so long after its last client has left, ms: as those that `chat` starts in the background. */
  readonly linger_ms?: number;
};

const ANSWER_WITHIN_MS = 2000;
/** How often, and how soon, somebody who cut the connection is asked again. */
const CUT_RETRIES = 5;
const CUT_RETRY_MS = 100;

/**
 * Asks who listens at an address (ws or http): a hub (its health), nobody, or something that is no hub. A connection that
 * is cut says nothing of that, for a hub that is killed cuts its own: then it asks again. Never throws.
 */
export async function probeHub(url: string): Promise<HubHealth | "absent" | "foreign"> {
  for (let retries = 0; ; retries += 1) {
    const found = await probeOnce(url);
    if (found !== "cut") return found;
    if (retries === CUT_RETRIES) return "foreign";
    await delay(CUT_RETRY_MS);
  }
}

async function probeOnce(url: string): Promise<HubHealth | "absent" | "foreign" | "cut"> {
  try {
    const { text } = await requestHub(hubUrl(url, "/health"), { timeout_ms: ANSWER_WITHIN_MS });
    return parseHealth(text) ?? "foreign";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    // Anything else (a time-out, no HTTP) means that somebody is there who is no hub.
    return FAILURES[code] ?? "foreign";
  }
}

const FAILURES: Readonly<Record<string, "absent" | "cut">> = {
  ECONNREFUSED: "absent",
  ECONNRESET: "cut",
  ECONNABORTED: "cut",
  EPIPE: "cut",
};

/** `the hub with process id 4711`, or `the background hub …`, with its end. */
export function nameHub({ pid, linger_ms }: HubHealth): string {
  if (linger_ms === undefined) return `the hub with process id ${pid}`;
  const end = `it ends ${linger_ms / 1000} s after the last one has left`;
  return `the background hub with process id ${pid}, as mangahub chat starts them: ${end}`;
}

/** True if this client and that hub understand each other. */
export function speaksOurProtocol(health: HubHealth): boolean {
  return health.protocol === PROTOCOL_VERSION;
}

function parseHealth(text: string): HubHealth | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON, so not a hub.
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.get("service") !== "mangahub") return undefined;
  const linger_ms = Number(fields.get("linger_ms"));
  return {
    ...(linger_ms > 0 ? { linger_ms } : {}),
    server_id: String(fields.get("server_id")),
    version: String(fields.get("version")),
    protocol: Number(fields.get("protocol")),
    status: String(fields.get("status")),
    pid: Number(fields.get("pid")),
    auth: String(fields.get("auth")),
  };
}
