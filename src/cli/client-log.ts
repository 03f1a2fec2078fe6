import { appendFile } from "node:fs/promises";

/**
 * Sends Node's warnings to a file instead of stderr, which the screen is drawn on; returns the function that ends it.
 * A log that cannot be written is done without: there is no place left to say so.
 */
export function logWarnings(path: string): () => void {
  const before = process.listeners("warning");
  const log = ({ name, message }: Error): void => {
    const line = `${JSON.stringify({ time: new Date().toISOString(), name, message })}\n`;
    void appendFile(path, line, { mode: 0o600 }).catch(() => {});
  };
  process.removeAllListeners("warning");
  process.on("warning", log);
  return () => {
    process.off("warning", log);
    for (const listener of before) process.on("warning", listener);
  };
}
