import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { trustUserId, type UserId } from "../protocol/user-id.js";
import { AuthClient } from "./auth-client.js";
import { canStartHub, type Context, serverAddress } from "./context.js";
import { Credentials, type StoredLogin } from "./credentials.js";
import { probeHub } from "./hub-health.js";
import { MangahubError } from "./mangahub-error.js";

/** How often a login is looked at while a chat is open, at least, ms. */
const MAX_LOOK_MS = 3_600_000;

/** Who somebody is by a token, on a server with accounts. */
export type Account = { readonly user_id: UserId; readonly username: string; readonly token: string };

/** A token that was named for this command, instead of those kept: `--token-file`, else MANGAHUB_TOKEN. */
export async function namedToken({ token_file, env, cwd }: Context): Promise<string | undefined> {
  const variable = env["MANGAHUB_TOKEN"];
  const text = token_file === undefined ? variable : await readTokenFile(resolve(cwd, token_file));
  const token = text?.trim();
  if (token === undefined || token === "") return undefined;
  if (/^[\x21-\x7e]{1,512}$/.test(token)) return token;
  const origin = token_file === undefined ? "MANGAHUB_TOKEN" : token_file;
  // Not the text itself: it may well be a secret.
  throw new MangahubError("usage", `${origin} holds no token`, { hint: "a token is one word, as a login gives it" });
}

/** The login kept for this server: of the name that was asked for, else the last one. */
export async function storedLogin(context: Context): Promise<StoredLogin | undefined> {
  const { url } = serverAddress(context);
  const credentials = new Credentials(context);
  const { name } = context.config.client;
  const named = name === "" ? undefined : await credentials.find(url, name);
  // A name of this command alone is meant; one in the settings is only where one begins.
  const isMeant =
    name !== "" && ["flag", "environment"].includes(context.sources.get("client.name")?.origin.kind ?? "");
  return named ?? (isMeant ? undefined : credentials.find(url));
}

/**
 * The account to be on this server, if it has accounts and there is a token for it; undefined for a guest. Nothing is
 * sent to a server that the token is not for. Without a server to ask, who was logged in still is.
 */
export async function findAccount(context: Context): Promise<Account | undefined> {
  const { url } = serverAddress(context);
  const token = await namedToken(context);
  if (token !== undefined) return accountOf(context, token);
  const login = await storedLogin(context);
  if (login === undefined) return undefined;
  const health = await probeHub(url);
  if (typeof health === "object" && (health.auth !== "token" || health.server_id !== login.server_id)) return undefined;
  const { user_id, username } = login;
  const account = { user_id: trustUserId(user_id), username, token: login.token };
  if (typeof health === "object" && isHalfOver(login)) await extend(context, login);
  return account;
}

/** Whose token it is, only the server can say. */
async function accountOf(context: Context, token: string): Promise<Account | undefined> {
  const { url } = serverAddress(context);
  if (canStartHub(context)) {
    const { ensureHub } = await import("./hub-process.js");
    await ensureHub(context);
  }
  const health = await probeHub(url);
  if (typeof health === "object" && health.auth !== "token") {
    context.output.say(`${url} has no accounts; the token is not used`);
    return undefined;
  }
  const { user } = await new AuthClient(context).whoami(token);
  return { user_id: trustUserId(user.user_id), username: user.username, token };
}

/** A chat may stay open for longer than a login lasts: extends the one kept for this server until it is told to stop. */
export function keepLoggedIn(context: Context, { token }: Account): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    const login = await storedLogin(context);
    // A token that was named for this command is not ours to look after.
    if (login?.token !== token) return;
    // A server that is away may be there the next time; that a login has ended the chat itself is told.
    if (isHalfOver(login)) await extend(context, login).catch(() => undefined);
    if (!isOver) timer = setTimeout(begin, Math.min(MAX_LOOK_MS, lifetime(login) / 4)).unref();
  };
  // Without the file there is nothing to extend.
  const begin = () => void look().catch(() => undefined);
  begin();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

function lifetime({ issued_at, expires_at }: StoredLogin): number {
  return Date.parse(expires_at) - Date.parse(issued_at);
}

function isHalfOver({ issued_at, expires_at }: StoredLogin): boolean {
  return Date.now() > (Date.parse(issued_at) + Date.parse(expires_at)) / 2;
}

/** Whoever is here now and then stays logged in. */
async function extend(context: Context, login: StoredLogin): Promise<void> {
  const { expires_at } = await new AuthClient(context).refresh(login.token);
  await new Credentials(context).save({ ...login, issued_at: new Date().toISOString(), expires_at });
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw new MangahubError("usage", `the token file ${path} cannot be read (${code})`, { cause: error });
  }
}
