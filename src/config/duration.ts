const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How a duration is written, for error messages. */
export const DURATION_RULE = "a number with a unit (ms, s, m, h or d), such as 500ms, 10s or 2m";

/** Milliseconds of `500ms`, `10s`, `1.5h`, `0`; undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const found = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text);
  if (found === null) return undefined;
  const [, amount, unit] = found;
  if (amount === undefined || !isUnit(unit)) return undefined;
  const ms = Math.round(Number(amount) * UNITS[unit]);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** The shortest way to write so many milliseconds with one unit: 60000 is `1m`, 90000 is `90s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms % UNITS.d === 0) return `${ms / UNITS.d}d`;
  if (ms % UNITS.h === 0) return `${ms / UNITS.h}h`;
  if (ms % UNITS.m === 0) return `${ms / UNITS.m}m`;
  return ms % UNITS.s === 0 ? `${ms / UNITS.s}s` : `${ms}ms`;
}

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && Object.hasOwn(UNITS, text);
}
