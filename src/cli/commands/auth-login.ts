import { hostname } from "node:os";
import { storedLogin } from "../account.js";
import { AuthClient } from "../auth-client.js";
import { chosenName, openLocal } from "../chat-setup.js";
import { type Context, serverAddress } from "../context.js";
import { Credentials, type StoredLogin } from "../credentials.js";
import type { HubHealth } from "../hub-health.js";
import { hubWithAccounts, warnIfReadable } from "../hub-with-accounts.js";
import { MangahubError } from "../mangahub-error.js";
import { readPasswords } from "../read-password.js";

export type LoginWish = {
  readonly route: "register" | "login";
  readonly name: string | undefined;
  readonly fromStdin: boolean;
};

/** `auth register` and `auth login`: the token goes into the credentials file, and nowhere else. */
export async function authLogin(context: Context, { route, name, fromStdin }: LoginWish): Promise<void> {
  const hub = await hubWithAccounts(context);
  const { url } = serverAddress(context);
  const username =
    name ?? (route === "login" ? (await storedLogin(context))?.username : undefined) ?? chosenName(context);
  warnIfReadable(context);
  const password = await askPassword(context, { route, username, fromStdin });
  const client = new AuthClient(url);
  const guest = route === "register" ? guestOf(context, { username, server_id: hub.server_id }) : {};
  const label = `mangahub on ${hostname()}`;
  const { user, session_id, token, expires_at } = await client.login(route, { username, password, label, ...guest });
  const issued_at = new Date().toISOString();
  const login = { server_id: hub.server_id, url, ...user, session_id, token, issued_at, expires_at };
  const earlier = await new Credentials(context).save(login);
  // Nobody has that token any more. If it cannot be told to the server, it ends by itself.
  if (earlier !== undefined) await client.logout(earlier.token).catch(() => undefined);
  tell(context, login);
}

async function askPassword(
  context: Context,
  { route, username, fromStdin }: Omit<LoginWish, "name"> & { username: string },
): Promise<string> {
  const { url } = serverAddress(context);
  const question = `password for ${username} at ${url}`;
  const isRepeated = route === "register" && !fromStdin;
  const questions = isRepeated ? [question, "the same again"] : [question];
  const [password = "", again = password] = await readPasswords(context, { questions, fromStdin });
  if (password === again) return password;
  throw new MangahubError("usage", "the two passwords differ", { hint: "nothing was changed; try again" });
}

/** The id and key somebody has used on this very server as a guest, whose account then keeps the id. */
function guestOf(context: Context, { username, server_id }: { username: string } & Pick<HubHealth, "server_id">) {
  const local = openLocal(context);
  try {
    const isKnown = local.server(serverAddress(context).url).server_id === server_id;
    const identity = isKnown ? local.findIdentity(username) : undefined;
    return identity === undefined ? {} : { guest: { user_id: identity.user_id, key: identity.key } };
  } finally {
    local.close();
  }
}

function tell(
  { json, output }: Context,
  { url, server_id, user_id, username, session_id, expires_at }: StoredLogin,
): void {
  if (json) {
    output.printJson({ user_id, username, session_id, expires_at, server: url, server_id });
  } else {
    output.say(`you are ${username} at ${url}, until ${expires_at.slice(0, 10)}`);
  }
}
