import { scryptSync } from "node:crypto";
import { nanoid } from "nanoid";
import { AUTH_ANSWERS, type AuthAnswer } from "../../src/protocol/auth.js";
import { type UserId, trustUserId } from "../../src/protocol/user-id.js";
import { hashOf, newSecret } from "../../src/server/auth/secret.js";
import type { Store } from "../../src/server/log/event-log.js";

export const PASSWORD = "gum-gum pistol";

type Call = {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers };

/** The requests below /api/auth of a hub at this address. */
export function authApi(http: string) {
  const call = async (route: string, { token, body, headers = {} }: Call = {}): Promise<Answer> => {
    const [method = "GET", path = ""] = route.split(" ");
    const response = await fetch(`${http}/api/auth/${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text), headers: response.headers };
  };
  const issued = async (route: string, body: object): Promise<AuthAnswer<"login">> => {
    const { status, body: answer } = await call(route, { body });
    if (status >= 300) throw new Error(`${route} was answered by ${status}: ${JSON.stringify(answer)}`);
    return AUTH_ANSWERS.login.parse(answer);
  };
  return {
    call,
    register: (username: string, more: object = {}) =>
      issued("POST register", { username, password: PASSWORD, ...more }),
    login: (username: string, more: object = {}) => issued("POST login", { username, password: PASSWORD, ...more }),
    ticket: async (token: string) => AUTH_ANSWERS.ticket.parse((await call("POST ticket", { token })).body).ticket,
  };
}

/** A password's hash that costs next to nothing; a login makes it anew. */
export const CHEAP_HASH = cheapHash(PASSWORD);

function cheapHash(password: string): string {
  const salt = Buffer.from("salt of the sea!");
  const hash = scryptSync(password, salt, 32, { N: 16, r: 1, p: 1 });
  return `scrypt$16$1$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/** An account in a store, made without the cost of a password; its id is the name in small letters. */
export async function addAccount(store: Store, username: string): Promise<UserId> {
  const user_id = trustUserId(username.toLowerCase());
  await store.accounts.register({ user_id, username, password: CHEAP_HASH, seen_ms: Date.now() });
  return user_id;
}

/** A session of an account, as a login makes it: its token and id. It lasts an hour unless told otherwise. */
export async function addSession(store: Store, user_id: UserId, lasts_ms = 3_600_000) {
  const token = newSecret();
  const now = Date.now();
  const times = { created_ms: now, seen_ms: now, expires_ms: now + lasts_ms };
  const session_id = nanoid();
  await store.sessions.add({ session_id, user_id, token_hash: hashOf(token), label: "", ...times }, 100);
  return { token, session_id };
}
