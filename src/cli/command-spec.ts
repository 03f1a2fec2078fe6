import type { SettingFlag } from "../config/load.js";
import type { Invocation } from "./context.js";

/**
 * A flag as commander writes it (`--room <room>`, `-l, --limit <n>`). With `key`, it sets that setting; `text` is what a
 * bare flag sets. A hidden one works and stands in no help.
 */
export type OptionSpec = {
  readonly flags: string;
  readonly description: string;
  readonly hidden?: boolean;
  readonly key?: string;
  readonly text?: string;
};

/** The parsed command line of one command: flags by camel-case name, and positional texts. */
export type Parsed = {
  readonly options: Readonly<Record<string, unknown>>;
  readonly args: readonly string[];
};

/** One command as data; `run` imports what it needs itself, so that a command costs only its own modules. */
export type CommandSpec = {
  readonly name: string;
  readonly description: string;
  /** As commander writes them: `[text]`, `<key>`. */
  readonly args?: readonly { readonly form: string; readonly description: string }[];
  readonly options?: readonly OptionSpec[];
  readonly examples: readonly string[];
  readonly commands?: readonly CommandSpec[];
  readonly run?: (invocation: Invocation, parsed: Parsed) => Promise<void>;
};

/** The settings that the given flags set. */
export function settingFlags(specs: readonly OptionSpec[], options: Parsed["options"]): SettingFlag[] {
  return specs.flatMap(({ flags, key, text }) => {
    const value = options[optionName(flags)];
    // A flag `--no-x` is true until it is given.
    const given = flags.startsWith("--no-") ? value === false : value !== undefined && value !== false;
    if (key === undefined || !given) return [];
    return [{ key, flag: longFlag(flags), text: text ?? textOf(value) }];
  });
}

/** The text of an option, if it was given. */
export function textOption(options: Parsed["options"], name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** `--data-dir <dir>` is `dataDir`, `--no-start` is `start`: commander's rule. */
function optionName(flags: string): string {
  const long = longFlag(flags).replace(/^--(no-)?/, "");
  return long.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `-l, --limit <n>` is `--limit`. */
function longFlag(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
