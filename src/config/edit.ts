import { randomBytes } from "node:crypto";
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "../files/make-folder.js";
import { checkPart } from "./check.js";
import { ConfigError, type Origin } from "./config-error.js";
import { parseConfigText } from "./config-text.js";
import { SETTING_KEYS, unflatten, valueOfText } from "./setting.js";
import { editYaml } from "./yaml-edit.js";

/** Sets one setting in a YAML text and keeps everything else, comments too. Throws ConfigError for a value not allowed. */
export function setInText(text: string, key: string, value: string): string {
  return editYaml(text, pathOf(key), checkedValue(key, value));
}

/** Removes one setting from a YAML text, so that its usual value counts again. */
export function unsetInText(text: string, key: string): string {
  checkKey(key, "config unset");
  return editYaml(text, pathOf(key), undefined);
}

/** `config set` and `config unset`: changes the file in one step, so that a crash leaves the old or the new one. */
export async function changeFile(path: string, change: (text: string) => string): Promise<void> {
  const text = await readIfThere(path);
  parseConfigText(path, text);
  const changed = change(text);
  if (changed === text) return;
  makeFolder(dirname(path));
  // A link (dotfiles kept elsewhere) stays a link, and whoever may read the file may go on.
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const temporary = `${target}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, changed, { mode: 0o600 });
    await chmod(temporary, mode);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

function checkedValue(key: string, value: string): unknown {
  const origin = checkKey(key, "config set");
  const written = valueOfText(key, value);
  checkPart(unflatten({ [key]: written }), () => origin);
  return written;
}

function checkKey(key: string, command: string): Origin {
  const origin = { kind: "flag", name: command } as const;
  if (SETTING_KEYS.includes(key)) return origin;
  throw new ConfigError({ origin, key, allowed: "there is no such setting; `mangahub config show` lists them" });
}

function pathOf(key: string): readonly [string, string] | readonly [string] {
  const [group = "", name] = key.split(".");
  return name === undefined ? [group] : [group, name];
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
