import { randomBytes } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isMap, parseDocument } from "yaml";
import { checkPart } from "./check.js";
import { ConfigError } from "./config-error.js";
import { parseConfigText } from "./config-text.js";
import { SETTING_KEYS, unflatten, valueOfText } from "./setting.js";

/** Sets one setting in a YAML text and keeps everything else, comments too. Throws ConfigError for a value not allowed. */
export function setInText(text: string, key: string, value: string): string {
  const written = checkedValue(key, value);
  const document = parseDocument(text);
  const path = key.split(".");
  // `client:` with nothing below it is not a map yet. (A whole file without one becomes a map by itself.)
  const [group = ""] = path;
  if (path.length === 2 && document.has(group) && !isMap(document.get(group, true))) document.delete(group);
  document.setIn(path, written);
  return document.toString({ lineWidth: 0 });
}

/** `config set`: changes the file in one step, so that a crash leaves the old or the new one. */
export async function setInFile(path: string, key: string, value: string): Promise<void> {
  const text = await readIfThere(path);
  parseConfigText(path, text);
  const changed = setInText(text, key, value);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // A link (dotfiles kept elsewhere) stays a link.
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, changed, { mode: 0o600 });
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

function checkedValue(key: string, value: string): unknown {
  const origin = { kind: "flag", name: "config set" } as const;
  if (!SETTING_KEYS.includes(key)) {
    throw new ConfigError({ origin, key, allowed: "there is no such setting; `mangahub config show` lists them" });
  }
  const written = valueOfText(key, value);
  checkPart(unflatten({ [key]: written }), () => origin);
  return written;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // Not there yet is how everybody starts; anything else must not end in a file that replaces theirs.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
