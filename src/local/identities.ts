import { randomBytes } from "node:crypto";
import { nameKey, parseUsername, readableId, trustUserId, type UserId, USERNAME_RULE } from "../protocol/user-id.js";
import { newIdentitySecret } from "./identity-secret.js";
import type { LocalDatabase } from "./local-database.js";

/**
 * Who somebody is, on every server. `name` is what it is called on this machine, whatever others see; `username` is the
 * name others are to see at first. What proves that the user id is theirs differs from server to server (GuestKeys).
 */
export type Identity = {
  readonly name: string;
  readonly user_id: UserId;
  readonly username: string;
};

/** The local identities, one per name; names that differ in case or width only are one. */
export class Identities {
  readonly #database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.#database = database;
  }

  /** The identity of that name, made if there is none. Throws RangeError for what cannot be a name. */
  take(name: string): Identity {
    const found = this.find(name);
    if (found !== undefined) return found;
    const username = usernameOf(name);
    // Another process may make the same one now: the first counts, for both.
    this.#database.run(
      "INSERT INTO identities (name_key, name, user_id, username, secret) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      [nameKey(username), username, readableId(username, randomBytes(8)), username, newIdentitySecret()],
    );
    return this.find(name) ?? this.take(name);
  }

  find(name: string): Identity | undefined {
    const row = this.#database.get<Identity>("SELECT name, user_id, username FROM identities WHERE name_key = ?", [
      nameKey(usernameOf(name)),
    ]);
    return row === undefined ? undefined : { ...row, user_id: trustUserId(row.user_id) };
  }

  /** Whether anybody has been here before. */
  get isEmpty(): boolean {
    return this.#database.get("SELECT 1 AS one FROM identities LIMIT 1", []) === undefined;
  }
}

function usernameOf(text: string): string {
  const username = parseUsername(text);
  if (username !== undefined) return username;
  throw new RangeError(`${JSON.stringify(text)} cannot be a name: use ${USERNAME_RULE}`);
}
