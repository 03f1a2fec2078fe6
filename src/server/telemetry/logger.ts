import { type Logger as Pino, pino } from "pino";
import { ignoreFailure } from "./ignore-failure.js";

/** The hub's structured log: one JSON object a line. */
export type Logger = Pick<Pino, "debug" | "info" | "warn" | "error" | "fatal">;

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/**
 * Keys and tokens are cut out by name wherever they stand one or two levels deep; every character a terminal could act
 * on leaves as a JSON escape, so `cat hub.log` is safe and nothing is lost.
 */
export function createLogger(options: { readonly level: LogLevel; readonly write: (line: string) => void }): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: "[cut]" },
    },
    { write: (line: string) => ignoreFailure(() => options.write(escapeUnseen(line))) },
  );
}

/** For embedders who want no log. */
export const silentLogger: Logger = pino({ level: "silent" }, { write: () => {} });

const SECRETS = ["token", "key", "authorization", "*.token", "*.key", "*.authorization"];

// JSON.stringify escapes C0 only. The line feed that ends the record stays.
function escapeUnseen(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
