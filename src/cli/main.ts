import { CommanderError, type Command } from "commander";
import { EXIT_CODES, type ExitName } from "./exit-code.js";
import { MangahubError } from "./mangahub-error.js";
import { Output } from "./output/output.js";
import { VERSION } from "../protocol/version.js";
import { createProgram } from "./program.js";
import { reportOf } from "./report.js";
import { unknownCommandHint } from "./usage-error.js";

const output = new Output(process);

/** Runs the command line of this process: the only place that ends it. */
export async function main(): Promise<void> {
  endQuietlyOnClosedPipe();
  process.on("uncaughtException", (error) => {
    process.exit(EXIT_CODES[fail(error)]);
  });
  process.exitCode = EXIT_CODES[await run(process.argv.slice(2))];
}

async function run(args: readonly string[]): Promise<ExitName> {
  try {
    const { stdin, env } = process;
    const program = createProgram({ stdin, output, env, cwd: workingDirectory, version: VERSION });
    const words = helpWords(args);
    if (isVersionAsked(args)) output.print(VERSION);
    else if (words !== undefined) helpedCommand(program, words).outputHelp();
    else await program.parseAsync([...args], { from: "user" });
    return "ok";
  } catch (error) {
    // Help was asked for and printed; all other ends of commander's are usage errors of ours by now.
    return error instanceof CommanderError && error.exitCode === 0 ? "ok" : fail(error);
  }
}

/** Where a command was started; asked for only by those that need it. Throws MangahubError if it is gone. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new MangahubError("failure", "the directory you are in is gone", {
      hint: "go to another one, such as: cd ~",
      cause: error,
    });
  }
}

function isVersionAsked(args: readonly string[]): boolean {
  return args.length === 1 && (args[0] === "version" || args[0] === "-v");
}

/** The command that `mangahub`, `mangahub chat` or `mangahub help chat join` asks about; undefined if it asks nothing. */
function helpWords(args: readonly string[]): readonly string[] | undefined {
  if (args.length === 0) return [];
  const [first, ...rest] = args;
  return first === "help" ? rest.filter((word) => !word.startsWith("-")) : undefined;
}

function helpedCommand(program: Command, words: readonly string[]): Command {
  return words.reduce((command, word) => {
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (inner !== undefined) return inner;
    throw new MangahubError("usage", `there is no command "${words.join(" ")}"`, { hint: unknownCommandHint(word) });
  }, program);
}

function fail(error: unknown): ExitName {
  const { lines, exit } = reportOf(error);
  output.printError(...lines);
  return exit;
}

/** `mangahub chat history | head -1`: the reader has what it wanted. */
function endQuietlyOnClosedPipe(): void {
  output.onFailure((error) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT_CODES.ok);
  });
}
