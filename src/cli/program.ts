import { Command, CommanderError, Option } from "commander";
import { CHAT_COMMANDS } from "./chat-commands.js";
import { COMMANDS } from "./command-table.js";
import { type CommandSpec, type OptionSpec, type Parsed, settingFlags, textOption } from "./command-spec.js";
import type { Environment, Invocation } from "./context.js";
import type { Output } from "./output/output.js";
import { usageError } from "./usage-error.js";

/** The flags that every command takes. */
const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "--name <name>",
    description: "which identity of this machine to be, whatever /nick called it (default: the system user's)",
    key: "client.name",
  },
  { flags: "--server <url>", description: "the server, such as ws://example.org:9093", key: "client.server" },
  { flags: "--config <file>", description: "your settings file" },
  { flags: "--data-dir <dir>", description: "where mangahub keeps its data" },
  { flags: "--token-file <file>", description: "a file with a token, instead of the login kept" },
  { flags: "--json", description: "print JSON for programs" },
  { flags: "--no-start", description: "do not start a hub in the background", key: "client.start_hub", text: "false" },
];

const ROOT_EXAMPLES = CHAT_COMMANDS.examples.concat(
  "mangahub chat history",
  "mangahub serve",
  "mangahub help chat join",
);

const GLOBAL_HELP = `
Options of every command, such as --name, --server and --json: see mangahub help
`;

const EXIT_HELP = `Exit codes:
  0 done, 1 failed, 2 wrong usage, 3 wrong settings, 4 no hub there, 5 not logged in,
  6 refused by the hub, 7 kept in the outbox and sent later, 70 a mistake in mangahub
`;

export type ProgramSurroundings = {
  readonly stdin: NodeJS.ReadStream;
  readonly output: Output;
  readonly env: Environment;
  /** Throws MangahubError if there is none. */
  readonly cwd: () => string;
  readonly version: string;
};

/** The whole command line. Running a command is `parseAsync`; every end of commander's own is thrown, never an exit. */
export function createProgram(surroundings: ProgramSurroundings): Command {
  const program = new Command("mangahub")
    .description("Chat for manga readers in the terminal, and the hub it talks to.")
    .version(surroundings.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command...]", "print a command's help, such as: mangahub help chat join")
    .configureOutput({
      writeOut: (text) => surroundings.output.print(...text.replace(/\n$/, "").split("\n")),
      // What commander would print on stderr is thrown as well, and reported by main in our own form.
      writeErr: () => undefined,
    });
  program.exitOverride(endOf(program, []));
  addOptions(program, GLOBAL_OPTIONS);
  addExamples(program, ROOT_EXAMPLES);
  program.addHelpText("after", EXIT_HELP);
  for (const spec of COMMANDS) addCommand(program, { spec, path: [spec.name] }, surroundings);
  return program;
}

type Placed = { readonly spec: CommandSpec; readonly path: readonly string[] };

function addCommand(parent: Command, { spec, path }: Placed, surroundings: ProgramSurroundings): void {
  const command = parent.command(spec.name).description(spec.description);
  command.helpOption("-h, --help", "print this help").helpCommand(false).exitOverride(endOf(command, path));
  for (const { form, description } of spec.args ?? []) command.argument(form, description);
  addOptions(command, spec.options ?? []);
  addExamples(command, spec.examples);
  command.addHelpText("after", GLOBAL_HELP);
  for (const inner of spec.commands ?? []) {
    addCommand(command, { spec: inner, path: [...path, inner.name] }, surroundings);
  }
  const { run } = spec;
  if (run === undefined) return;
  command.action(async () => {
    const parsed: Parsed = { options: command.optsWithGlobals(), args: command.args };
    await run(invocationOf(parsed, spec, surroundings), parsed);
  });
}

/** Commander's way to end: a command without what it is to do prints its help, a mistake becomes a usage error. */
function endOf(command: Command, path: readonly string[]): (error: CommanderError) => never {
  return (error) => {
    if (error.code === "commander.help") {
      command.outputHelp();
      throw new CommanderError(0, error.code, error.message);
    }
    throw error.exitCode === 0 ? error : usageError(error, path);
  };
}

function invocationOf({ options }: Parsed, spec: CommandSpec, surroundings: ProgramSurroundings): Invocation {
  const { stdin, output, env, cwd } = surroundings;
  const data_dir = textOption(options, "dataDir");
  const config_file = textOption(options, "config");
  const token_file = textOption(options, "tokenFile");
  return {
    stdin,
    output,
    env,
    cwd: cwd(),
    json: options["json"] === true,
    flags: settingFlags([...GLOBAL_OPTIONS, ...(spec.options ?? [])], options),
    ...(data_dir === undefined ? {} : { data_dir }),
    ...(config_file === undefined ? {} : { config_file }),
    ...(token_file === undefined ? {} : { token_file }),
  };
}

function addOptions(command: Command, specs: readonly OptionSpec[]): void {
  for (const { flags, description, hidden = false } of specs) {
    command.addOption(new Option(flags, description).hideHelp(hidden));
  }
}

function addExamples(command: Command, examples: readonly string[]): void {
  command.addHelpText("after", `\nExamples:\n${examples.map((example) => `  ${example}\n`).join("")}`);
}
