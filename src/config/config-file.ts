import { readFile, stat } from "node:fs/promises";
import { ConfigError, fileError } from "./config-error.js";
import type { ConfigFile } from "./config-text.js";

const MAX_BYTES = 1024 * 1024;

/** Reads a YAML file of settings; undefined if there is none. Throws ConfigError for anything else that is wrong. */
export async function readConfigFile(path: string): Promise<ConfigFile | undefined> {
  const text = await readBounded(path);
  if (text === undefined) return undefined;
  // YAML is loaded only when there is a file: most runs of a command have none.
  const { parseConfigText } = await import("./config-text.js");
  return parseConfigText(path, text);
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw fileError(path, `the file is ${size} bytes long; allowed are ${MAX_BYTES}`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fileError(path, `the file cannot be read (${code})`, { cause: error });
  }
}
