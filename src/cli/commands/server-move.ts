import { addressOf } from "../../local/server-address.js";
import { openLocal } from "../chat-setup.js";
import type { Context } from "../context.js";
import { Credentials } from "../credentials.js";
import { MangahubError } from "../mangahub-error.js";

/** `mangahub server move`: the person's word that a server has another address now. */
export async function serverMove(context: Context, { from, to }: { from: string; to: string }): Promise<void> {
  const [old, now] = [addressOf(from), addressOf(to)];
  if (!/^wss?:\/\/[^/]/.test(now)) {
    throw new MangahubError("usage", `${JSON.stringify(to)} is no address of a server`, {
      hint: "such as ws://example.org:9093 or wss://chat.example.org",
    });
  }
  if (old === now) throw new MangahubError("usage", `${from} and ${to} are the same address`);
  const local = openLocal(context);
  try {
    if (!local.servers().some(({ address }) => address === old)) {
      throw new MangahubError("usage", `nothing is kept for ${old}`, { hint: "see mangahub server list" });
    }
    // First the logins: if the command ends between the two, it can be given again.
    const logins = await new Credentials(context).move(old, now);
    local.moveServer(old, now);
    if (context.output.isErrorTerminal) context.output.say(sentence(old, now, logins));
  } finally {
    local.close();
  }
}

function sentence(old: string, now: string, logins: number): string {
  const also = logins === 0 ? "" : `, ${logins === 1 ? "a login" : `${logins} logins`} among it`;
  return `what was kept for ${old} is kept for ${now} now${also}`;
}
