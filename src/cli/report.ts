import { ConfigError } from "../config/config-error.js";
import { danglingLink } from "../local/dangling-link.js";
import type { ExitName } from "./exit-code.js";
import { MangahubError } from "./mangahub-error.js";

/** What is printed on stderr, and how the process ends. */
export type Report = { readonly lines: readonly string[]; readonly exit: ExitName };

const SYSTEM_FAULTS: Readonly<Record<string, string>> = {
  EACCES: "you may not write or read there; look at its owner and mode",
  EPERM: "you may not write or read there; look at its owner and mode",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "your quota on this disk is used up",
  EMFILE: "this process may open no more files; look at ulimit -n",
  ENFILE: "the system has too many files open",
};

/** What is wrong with the path that an error names: the surroundings' affair, too. */
const PATH_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "that is a folder",
  EEXIST: "something else is there already",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
};

/**
 * Turns a failure into one line and a hint; only our own mistakes show a stack. stderr is for people, also with
 * --json: a script reads the exit code.
 */
export function reportOf(error: unknown): Report {
  if (error instanceof MangahubError) return { lines: linesOf(error.message, error.hint), exit: error.exit };
  if (error instanceof ConfigError) {
    const exit = error.problem.origin.kind === "flag" ? "usage" : "config";
    return { lines: linesOf(error.message), exit };
  }
  const hint = systemHint(error);
  if (error instanceof Error && hint !== undefined) return { lines: linesOf(error.message, hint), exit: "failure" };
  return { lines: bugLines(error), exit: "bug" };
}

function linesOf(message: string, hint?: string): readonly string[] {
  const more = hint === undefined ? [] : hint.split("\n").map((line) => `  ${line}`);
  return [`mangahub: ${message}`, ...more];
}

function systemHint(error: unknown): string | undefined {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return undefined;
  const { code } = error;
  if (Object.hasOwn(SYSTEM_FAULTS, code)) return SYSTEM_FAULTS[code];
  const path = "path" in error && typeof error.path === "string" ? error.path : undefined;
  if (path === undefined || !Object.hasOwn(PATH_FAULTS, code)) return undefined;
  return danglingLink(path) ?? PATH_FAULTS[code];
}

function bugLines(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return ["mangahub: this is a mistake in mangahub; please report it with the lines below", ...stack.split("\n")];
}
