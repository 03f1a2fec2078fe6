import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Vitest's global setup of the tests that start threads or processes: builds dist/ if a source is newer. */
export async function setup(): Promise<void> {
  const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
  await promisify(execFile)(process.execPath, [script, "--if-stale", "--despite-type-errors"]);
}
