import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { createChatServer } from "../../src/index.js";

const LIBRARY = "dist/index.js";
const COMMAND = "bin/mangahub.js";

/** The library of a built checkout. Only what both builds have may be used of it. */
export function importBuild(directory: string): Promise<{ readonly createChatServer: typeof createChatServer }> {
  return import(pathToFileURL(join(directory, LIBRARY)).href);
}

/** The absolute path of a built checkout, given as somebody typed it. Throws if it is none. */
export function findBuild(directory: string): string {
  // npm runs scripts in the package's directory, and tells where it was started.
  const path = resolve(process.env["INIT_CWD"] ?? ".", directory);
  const missing = [LIBRARY, COMMAND].find((file) => !existsSync(join(path, file)));
  if (missing === undefined) return path;
  throw new Error(
    `--beside ${directory}: there is no ${join(path, missing)}; run npm ci && npm run build in that checkout`,
  );
}
