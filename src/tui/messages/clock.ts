/** How instants (Unix time in ms) are written: `14:05` and `Thu 20 Nov 2025`. */
export type Clock = {
  readonly time: (timeMs: number) => string;
  readonly day: (timeMs: number) => string;
};

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A clock that is so many minutes ahead of UTC at an instant. */
export function clockAt(offsetMinutes: (timeMs: number) => number): Clock {
  const shifted = (timeMs: number): Date => new Date(timeMs + offsetMinutes(timeMs) * 60_000);
  return {
    time: (timeMs) => shifted(timeMs).toISOString().slice(11, 16),
    day: (timeMs) => {
      const date = shifted(timeMs);
      const month = MONTHS[date.getUTCMonth()] ?? "";
      return `${DAYS[date.getUTCDay()] ?? ""} ${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
    },
  };
}

/** The clock of the machine's time zone. */
export function localClock(): Clock {
  return clockAt((timeMs) => -new Date(timeMs).getTimezoneOffset());
}
