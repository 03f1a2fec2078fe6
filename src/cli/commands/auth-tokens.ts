import { AuthClient } from "../auth-client.js";
import type { Context } from "../context.js";
import { currentToken } from "../current-token.js";

/** `auth tokens`: where one is logged in; the token itself is nowhere. */
export async function authTokens(context: Context): Promise<void> {
  const { token } = await currentToken(context);
  const { tokens } = await new AuthClient(context).tokens(token);
  const { json, output } = context;
  for (const session of tokens) {
    if (json) output.printJson(session);
    else output.print(lineOf(session));
  }
}

/** `auth revoke` */
export async function authRevoke(context: Context, session_id: string): Promise<void> {
  const { token } = await currentToken(context);
  await new AuthClient(context).revoke(token, session_id);
}

type Listed = Awaited<ReturnType<AuthClient["tokens"]>>["tokens"][number];

function lineOf({ session_id, label, created_at, seen_at, expires_at, current }: Listed): string {
  const times = `made ${dayOf(created_at)}, used ${dayOf(seen_at)}, until ${dayOf(expires_at)}`;
  return `${session_id}  ${times}  ${label}${current ? "  (this one)" : ""}`;
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}
