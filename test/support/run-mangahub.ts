import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./temporary-directory.js";

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to stdin, which then ends; without it stdin is closed. */
  readonly input?: string;
};

export const BINARY = fileURLToPath(new URL("../../bin/mangahub.js", import.meta.url));

/** An environment in which the binary finds nobody's settings and data but those of this test. */
export function ownEnvironment(directory: string): Record<string, string> {
  const { PATH = "", NODE_OPTIONS = "" } = process.env;
  return {
    PATH,
    NODE_OPTIONS,
    HOME: directory,
    XDG_CONFIG_HOME: join(directory, "config"),
    MANGAHUB_DATA_DIR: join(directory, "data"),
  };
}

/** Runs the built binary to its end, in a temporary home of its own unless `cwd` is given. */
export async function runMangahub(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const cwd = options.cwd ?? (await temporaryDirectory());
  const child = spawn(process.execPath, [BINARY, ...args], { cwd, env: { ...ownEnvironment(cwd), ...options.env } });
  // It may end before it has read everything.
  child.stdin.on("error", () => {}).end(options.input ?? "");
  return await new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
