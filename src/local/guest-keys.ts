import type { Identity } from "./identities.js";
import { deriveKey } from "./identity-secret.js";
import type { LocalDatabase } from "./local-database.js";
import { addressOf } from "./server-address.js";

/** What proves to one server that an id is ours; `formerKey` is what it may know the id by from before there was `key`. */
export type ServerKeys = { readonly key: string; readonly formerKey?: string };

type Row = { readonly scope: string; readonly former_key: string | null };

/**
 * The key of an identity for the server at an address: derived from the identity's secret and the address, so that it
 * is worth nothing anywhere else, whoever sees it. A row says that the address knows the identity: by the key of
 * `scope`, which is its own address or the one it was moved from, or still by a key of an earlier version.
 */
export class GuestKeys {
  readonly #database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.#database = database;
  }

  at(url: string, { user_id }: Identity): ServerKeys {
    const address = addressOf(url);
    const { scope = address, former_key = null } = this.#find(address, user_id) ?? {};
    const key = deriveKey(this.#secretOf(user_id), scope);
    return former_key === null ? { key } : { key, formerKey: former_key };
  }

  /** Whether this identity was let in at this address. */
  isKnownAt(url: string, { user_id }: Identity): boolean {
    return this.#find(addressOf(url), user_id) !== undefined;
  }

  /** Notes that this identity was let in at this address. An account that was logged in to has no key. */
  noteVisit(url: string, { user_id }: Identity): void {
    const address = addressOf(url);
    this.#database.run(
      "INSERT INTO guest_keys SELECT ?, user_id, ?, NULL FROM identities WHERE user_id = ? ON CONFLICT DO NOTHING",
      [address, address, user_id],
    );
  }

  /** The server at this address knows the identity by the address's own key now: the former one is forgotten. */
  forgetFormer(url: string, { user_id }: Identity): void {
    this.#database.run("UPDATE guest_keys SET former_key = NULL WHERE address = ? AND user_id = ?", [
      addressOf(url),
      user_id,
    ]);
  }

  /** Lets each identity be at one address who it is at another, unless it was let in there as it is already. */
  move(from: string, to: string): void {
    this.#database.run(
      "INSERT INTO guest_keys SELECT ?, user_id, scope, former_key FROM guest_keys WHERE address = ? " +
        "ON CONFLICT DO UPDATE SET scope = excluded.scope, former_key = excluded.former_key " +
        "WHERE guest_keys.former_key IS NOT NULL",
      [to, from],
    );
    this.#database.run("DELETE FROM guest_keys WHERE address = ?", [from]);
  }

  #find(address: string, user_id: string): Row | undefined {
    return this.#database.get<Row>("SELECT scope, former_key FROM guest_keys WHERE address = ? AND user_id = ?", [
      address,
      user_id,
    ]);
  }

  #secretOf(user_id: string): string {
    const sql = "SELECT secret FROM identities WHERE user_id = ?";
    const row = this.#database.get<{ secret: string }>(sql, [user_id]);
    if (row === undefined) throw new Error(`there is no identity ${user_id} here`);
    return row.secret;
  }
}
