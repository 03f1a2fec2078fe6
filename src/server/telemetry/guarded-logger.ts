import type { Logger } from "./logger.js";

const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;

/** A logger whose lines may be lost, but which never throws into whoever logs. */
export function guardedLogger(logger: Logger): Logger {
  const guarded = LEVELS.map((level) => [
    level,
    (...line: Parameters<Logger[typeof level]>) => {
      try {
        logger[level](...line);
      } catch {
        // There is nowhere left to tell it.
      }
    },
  ]);
  // One entry for each level of the type.
  return Object.fromEntries(guarded) as Logger;
}
