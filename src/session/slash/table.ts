import { call } from "./call.js";
import { clear } from "./clear.js";
import { decline } from "./decline.js";
import { drop } from "./drop.js";
import { helpOn } from "./help.js";
import { history } from "./history.js";
import { join } from "./join.js";
import { manga } from "./manga.js";
import { nick } from "./nick.js";
import { away, back, busy, invisible, note } from "./own-status.js";
import { part } from "./part.js";
import { pm } from "./pm.js";
import { quit } from "./quit.js";
import { retry } from "./retry.js";
import { rooms } from "./rooms.js";
import type { SlashCommand, SlashSession } from "./slash-command.js";
import { status } from "./status.js";
import { users } from "./users.js";
import { whois } from "./whois.js";

const OF_ROOMS = [users, rooms, whois, join, part, manga, pm, history, status, call, decline];
const OF_ONESELF = [nick, away, busy, back, invisible, note, retry, drop, clear, quit];
const OTHERS = [...OF_ROOMS, ...OF_ONESELF];

/** All slash commands, in the order /help lists them. */
export const SLASH_COMMANDS: readonly SlashCommand[] = [helpOn(OTHERS), ...OTHERS];

/** The command of that name, or with that alias. */
export function commandNamed(name: string): SlashCommand | undefined {
  return SLASH_COMMANDS.find(({ name: known, aliases }) => known === name || aliases?.includes(name) === true);
}

/** Runs a command by name; an unknown one is answered with the nearest there is. */
export async function runSlashCommand(
  session: SlashSession,
  { name, argument }: { readonly name: string; readonly argument: string },
): Promise<void> {
  const command = commandNamed(name);
  if (command !== undefined) return command.run(session, argument.trim());
  const near = nearestTo(name);
  const hint = near === undefined ? "/help lists them" : `did you mean /${near}?`;
  session.notice(`there is no command /${name}; ${hint} (start a message with // to write a slash)`, "error");
}

/** The command that begins with what was typed, or is one slip of a finger away from it; a guess beyond that misleads. */
function nearestTo(typed: string): string | undefined {
  const isNear = ({ name }: SlashCommand): boolean =>
    (typed.length > 1 && name.startsWith(typed)) || (typed.length > 2 && isOneSlipAway(name, typed));
  return SLASH_COMMANDS.find(isNear)?.name;
}

/** Whether one letter is wrong, missing or too many, or two are swapped. */
function isOneSlipAway(one: string, other: string): boolean {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const [rest, typed] = [one.slice(at), other.slice(at)];
  const isSwapped = rest.slice(0, 2) === `${typed[1] ?? ""}${typed[0] ?? ""}` && rest.slice(2) === typed.slice(2);
  return isSwapped || rest.slice(1) === typed.slice(1) || rest === typed.slice(1) || rest.slice(1) === typed;
}
