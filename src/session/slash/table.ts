import { call } from "./call.js";
import { clear } from "./clear.js";
import { decline } from "./decline.js";
import { drop } from "./drop.js";
import { helpOn } from "./help.js";
import { history } from "./history.js";
import { join } from "./join.js";
import { manga } from "./manga.js";
import { nick } from "./nick.js";
import { pm } from "./pm.js";
import { quit } from "./quit.js";
import { retry } from "./retry.js";
import { rooms } from "./rooms.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";
import { status } from "./status.js";
import { users } from "./users.js";

const OTHERS = [users, rooms, join, manga, pm, history, status, call, decline, nick, retry, drop, clear, quit];

/** All slash commands, in the order /help lists them. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [helpOn(OTHERS), ...OTHERS];

/** Runs a command by name; an unknown one is answered with the nearest there is. */
export async function runSlashCommand(
  session: SlashSession,
  { name, argument }: { readonly name: string; readonly argument: string },
): Promise<void> {
  const command = SLASH_COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command.run(session, argument.trim());
  const near = SLASH_COMMANDS.find((candidate) => name !== "" && candidate.name.startsWith(name.slice(0, 2)));
  const hint = near === undefined ? "/help lists them" : `did you mean /${near.name}?`;
  session.notice(`there is no command /${name}; ${hint} (start a message with // to write a slash)`, "error");
}
