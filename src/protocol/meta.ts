import { LIMITS } from "./limits.js";
import { sanitizeText } from "./sanitize.js";

type Meta = Readonly<Record<string, unknown>>;

/**
 * A message's `meta` with every key and text in it sanitised; undefined if it is nested too deep. The depth is bounded
 * so that nothing behind this line, JSON.stringify among it, can be driven into the end of the stack.
 */
export function cleanMeta(meta: Meta): Meta | undefined {
  return isDeeper(meta, LIMITS.maxMetaDepth) ? undefined : cleanObject(meta);
}

/** Whether objects and lists stand in one another more than so many levels deep. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function cleanObject(meta: object): Meta {
  return Object.fromEntries(Object.entries(meta).map(([key, value]) => [sanitizeText(key), clean(value)]));
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return sanitizeText(value);
  if (Array.isArray(value)) return value.map(clean);
  return typeof value === "object" && value !== null ? cleanObject(value) : value;
}
