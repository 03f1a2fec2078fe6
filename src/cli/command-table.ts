import { AUTH_COMMANDS } from "./auth-commands.js";
import { CHAT_COMMANDS } from "./chat-commands.js";
import type { CommandSpec } from "./command-spec.js";
import { CONFIG_COMMANDS } from "./config-commands.js";
import { DB_COMMANDS } from "./db-commands.js";
import { SERVER_COMMANDS } from "./server-commands.js";
import { SERVE_COMMAND } from "./serve-command.js";

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  CHAT_COMMANDS,
  AUTH_COMMANDS,
  SERVE_COMMAND,
  SERVER_COMMANDS,
  DB_COMMANDS,
  CONFIG_COMMANDS,
];

/** The words of every command: `["chat", "send"]`. */
export function commandPaths(specs: readonly CommandSpec[] = COMMANDS): readonly (readonly string[])[] {
  return specs.flatMap(({ name, commands = [] }) => [[name], ...commandPaths(commands).map((path) => [name, ...path])]);
}
