import { DEFAULTS } from "./defaults.js";

/** A nested piece of settings as it was written, not checked yet. */
export type Written = { readonly [key: string]: unknown };

/** The dotted paths of all settings, in the order of the documentation. */
export const SETTING_KEYS: readonly string[] = Object.keys(flatten(DEFAULTS));

/** `websocket.port` is `MANGAHUB_WEBSOCKET_PORT`. */
export function environmentName(key: string): string {
  return `MANGAHUB_${key.replace(".", "_").toUpperCase()}`;
}

/** What a flag's, variable's or `config set`'s text means for this setting: a number, true or false, a list, or text. */
export function valueOfText(key: string, text: string): unknown {
  const usual = flatten(DEFAULTS)[key];
  if (typeof usual === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (typeof usual === "number" && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (!Array.isArray(usual)) return text;
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** `{websocket: {port: 1}}` is `{"websocket.port": 1}`. Groups that are empty or null leave nothing. */
export function flatten(written: Written): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(written)) {
    if (!isGroup(value)) flat[key] = value;
    else for (const [inner, leaf] of Object.entries(value)) flat[`${key}.${inner}`] = leaf;
  }
  return flat;
}

/** The reverse of `flatten`. */
export function unflatten(flat: Written): Record<string, unknown> {
  const groups = new Map<string, Record<string, unknown>>();
  const top: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(flat)) {
    const [group = "", key] = path.split(".", 2);
    if (key === undefined) top[group] = value;
    else groups.set(group, { ...groups.get(group), [key]: value });
  }
  return { ...top, ...Object.fromEntries(groups) };
}

/** Leaves out keys without a value (`websocket:` with nothing behind it), at both levels. */
export function withoutNulls(written: Written): Written {
  const kept = Object.entries(written).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept.map(([key, value]) => [key, isGroup(value) ? withoutNulls(value) : value]));
}

export function isGroup(value: unknown): value is Written {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
