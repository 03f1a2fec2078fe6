import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder, for this user alone, and those above it that are missing. Node's own `recursive` never comes back where the
 * system finds a folder's parent and still answers that there is none, as below `/proc` and automatic mounts.
 */
export function makeFolder(path: string): void {
  const code = tryToMake(path);
  if (code === undefined) return;
  const above = dirname(path);
  if (code === "ENOENT" && above !== path) {
    makeFolder(above);
    if (tryToMake(path) === undefined) return;
  }
  mkdirSync(path, { mode: 0o700 });
}

/** The error's code, or undefined if the folder is there now. */
function tryToMake(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const isThere = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isThere) return undefined;
    return error instanceof Error && "code" in error ? String(error.code) : "";
  }
}
