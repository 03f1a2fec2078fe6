import { AuthClient } from "../auth-client.js";
import { type Context, serverAddress } from "../context.js";
import { Credentials } from "../credentials.js";
import { warnIfReadable } from "../hub-with-accounts.js";
import { MangahubError } from "../mangahub-error.js";
import { readPasswords } from "../read-password.js";
import { currentToken } from "../current-token.js";

/** `auth logout`: the session ends on the server; its token is removed here in any case. */
export async function authLogout(context: Context): Promise<void> {
  const { token, login } = await currentToken(context);
  const failed = await endOnServer(context, token);
  if (login !== undefined) await new Credentials(context).remove(login);
  if (failed === undefined) return;
  throw new MangahubError(failed.exit, `${failed.message}; the session lives on there until it expires`, {
    hint: "here it is forgotten; end it from another device: mangahub auth revoke",
    cause: failed,
  });
}

async function endOnServer(context: Context, token: string): Promise<MangahubError | undefined> {
  try {
    await new AuthClient(context).logout(token);
    return undefined;
  } catch (error) {
    if (!(error instanceof MangahubError)) throw error;
    // A session that has ended already is what was wanted.
    return error.exit === "not_authenticated" ? undefined : error;
  }
}

/** `auth whoami` */
export async function authWhoami(context: Context): Promise<void> {
  const { url } = serverAddress(context);
  const { token } = await currentToken(context);
  const { user, session_id, created_at, expires_at } = await new AuthClient(context).whoami(token);
  const { json, output } = context;
  if (json) output.printJson({ ...user, session_id, created_at, expires_at, server: url });
  else output.print(`${user.username} (${user.user_id}) at ${url}, until ${expires_at.slice(0, 10)}`);
}

/** `auth refresh` */
export async function authRefresh(context: Context): Promise<void> {
  const { url } = serverAddress(context);
  const { token, login } = await currentToken(context);
  const { user, expires_at } = await new AuthClient(context).refresh(token);
  if (login !== undefined) {
    await new Credentials(context).save({ ...login, issued_at: new Date().toISOString(), expires_at });
  }
  const { json, output } = context;
  if (json) output.printJson({ ...user, expires_at, server: url });
  else output.print(expires_at);
}

/** `auth password` */
export async function authPassword(context: Context, { fromStdin }: { readonly fromStdin: boolean }): Promise<void> {
  const { token } = await currentToken(context);
  warnIfReadable(context);
  const questions = ["the password now", "the new one", ...(fromStdin ? [] : ["the new one again"])];
  const [password = "", new_password = "", again = new_password] = await readPasswords(context, {
    questions,
    fromStdin,
  });
  if (new_password !== again) {
    throw new MangahubError("usage", "the two new passwords differ", { hint: "nothing was changed; try again" });
  }
  await new AuthClient(context).changePassword(token, { password, new_password });
  if (context.output.isErrorTerminal) context.output.say("changed; all other sessions have ended");
}
