const AGO = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const AGE = /^(\d{1,6}) ?([smhdw])(?: ago)?$/;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?`;
const ZONE = String.raw`[zZ]|[+-](?:0\d|1[0-4]):?[0-5]\d`;
const DAY_AND_TIME = new RegExp(`^([1-9]\\d{3}-\\d\\d-\\d\\d)(?:[tT ](${TIME}) ?(${ZONE})?)?$`);

/**
 * The moment that a person means, in ms since 1970: an age (`2h`, `1d ago`), a day (`2026-11-21`, its first moment here)
 * or a day and a time (`2026-11-21T10:00`, here unless a zone is written behind it). Undefined for anything else, and
 * for days and times that do not exist, such as 2026-02-30 or 25:00.
 */
export function parseMoment(text: string, now_ms: number): number | undefined {
  const written = text.trim();
  const [, count, letter] = AGE.exec(written) ?? [];
  const unit = Object.entries(AGO).find(([known]) => known === letter)?.[1];
  if (unit !== undefined) return now_ms - Number(count) * unit;
  const [, day, time = "00:00", zone = ""] = DAY_AND_TIME.exec(written) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  // Without a zone, a day with a time is the local one.
  return Date.parse(`${day}T${time}${zone.toUpperCase().replace(/^(...)(\d\d)$/, "$1:$2")}`);
}

/** Date takes the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}
