import type { Logger } from "./logger.js";
import { ignoreFailure } from "./ignore-failure.js";

const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;

/** A logger whose lines may be lost, but which never throws into whoever logs, nor leaves a promise that nobody awaits. */
export function guardedLogger(logger: Logger): Logger {
  const guarded = LEVELS.map((level) => [
    level,
    (...line: Parameters<Logger[typeof level]>) => ignoreFailure(() => logger[level](...line)),
  ]);
  // One entry for each level of the type.
  return Object.fromEntries(guarded) as Logger;
}
