import { hostname } from "node:os";
import type { AuthAnswer } from "../../protocol/auth.js";
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
  const client = new AuthClient(context);
  const body = { username, password, label: `mangahub on ${hostname()}` };
  const answer = await (route === "register" ? register(context, { client, hub, body }) : client.login(route, body));
  const { user, session_id, token, expires_at } = answer;
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

type Registering = {
  readonly client: AuthClient;
  readonly hub: HubHealth;
  readonly body: { readonly username: string; readonly password: string; readonly label: string };
};

/** Makes an account. It keeps the id that somebody has used at this very address as a guest, and proves by its key. */
async function register(context: Context, { client, hub, body }: Registering): Promise<AuthAnswer<"login">> {
  const server = serverAddress(context);
  const local = openLocal(context);
  try {
    const identity =
      local.server(server.url).server_id === hub.server_id ? local.findIdentity(body.username) : undefined;
    if (identity === undefined || !local.isKnownAt(identity, server)) return await client.login("register", body);
    const { user_id } = identity;
    const { key, formerKey } = local.keysFor(identity, server);
    const registerAs = (shown: string) => client.login("register", { ...body, guest: { user_id, key: shown } });
    const answer = await registerAs(formerKey ?? key).catch((error: unknown) => {
      // A key that was replaced without our knowing.
      const isWrong = error instanceof MangahubError && error.exit === "not_authenticated";
      return isWrong && formerKey !== undefined ? registerAs(key) : Promise.reject(error);
    });
    local.forgetFormerKey(identity, server);
    return answer;
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
