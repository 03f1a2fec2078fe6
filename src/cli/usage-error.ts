import type { CommanderError } from "commander";
import { commandPaths } from "./command-table.js";
import { MangahubError } from "./mangahub-error.js";

/** What was wrong with the command line, in our own form; `path` is the command that was being read. */
export function usageError(error: CommanderError, path: readonly string[]): MangahubError {
  const [message = "", suggestion = ""] = error.message.replace(/^error: /, "").split("\n");
  const near = /Did you mean (?:one of )?(.*?)\?/.exec(suggestion)?.[1];
  return new MangahubError("usage", message, { hint: hintOn(error, { path, near }), cause: error });
}

/** What to do about a word that is no command: the command of that name elsewhere, or the help. */
export function unknownCommandHint(word: string): string {
  const found = commandPaths().find((path) => path.at(-1) === word);
  return found === undefined ? "see mangahub help" : `did you mean mangahub ${found.join(" ")}?`;
}

function hintOn(
  { code, message }: CommanderError,
  { path, near }: { path: readonly string[]; near?: string | undefined },
): string {
  const help = ["see mangahub help", ...path].join(" ");
  if (code === "commander.unknownCommand") {
    const word = /'(.*)'/.exec(message)?.[1] ?? "";
    return near === undefined ? unknownCommandHint(word) : `did you mean ${["mangahub", ...path, near].join(" ")}?`;
  }
  if (code === "commander.unknownOption") {
    if (near !== undefined) return `did you mean ${near}? ${help}`;
    const takesText = path.join(" ") === "chat send";
    if (takesText) return `a message that begins with a dash goes behind --, as in: mangahub chat send -- "-_-"`;
  }
  return help;
}
