import type { Database, RunResult } from "better-sqlite3";
import { newIdentitySecret } from "./identity-secret.js";
import { addressOf } from "./server-address.js";

type Server = { readonly server_key: number; readonly server_id: string | null };
type Bound = Server & { readonly address: string };

/**
 * Version 4. Servers were known by the id they claim, so that several addresses could share one; from here on each
 * address has servers of its own. What was kept stays with the address that was there first, for another one may
 * only have claimed the id. Identities showed one key everywhere: each address that has seen it may see it once more.
 */
export function bindToAddresses(database: Database): void {
  database.exec(NEW_TABLES);
  const bound = database
    .prepare<[], Bound>(
      "SELECT address, server_key, server_id FROM addresses JOIN servers USING (server_key) ORDER BY addresses.rowid",
    )
    .all()
    .map((one) => ({ ...one, address: addressOf(one.address) }));
  const places = new Places(database);
  for (const one of bound) places.settle(one);
  database.exec(SERVERS_WITHOUT_ADDRESS);
  for (const one of bound) places.bind(one);
  database.exec(OLD_TABLES);
  giveSecrets(database);
}

/** The servers of each address, as they are bound one by one. */
class Places {
  readonly #database: Database;
  /** Of each server of before, the addresses where it is now; the first one has what was kept. */
  readonly #homes = new Map<number, Set<string>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Gives a server the first of its addresses. */
  settle({ server_key, server_id, address }: Bound): void {
    if (this.#homes.has(server_key)) return;
    this.#homes.set(server_key, new Set([address]));
    this.#run("INSERT INTO servers_4 VALUES (?, ?, ?)", server_key, address, server_id);
  }

  bind(server: Bound): void {
    const { address, server_key, server_id } = server;
    if (server_id !== null) this.#noteKeys(address, server_key);
    const homes = this.#homes.get(server_key) ?? new Set();
    const here = homes.has(address) ? server : this.#copy(server);
    homes.add(address);
    this.#point(address, here);
  }

  /** A server of its own for another address: it knows the names that were accepted, and nothing else. */
  #copy({ address, server_key: from, server_id }: Bound): Server {
    const { lastInsertRowid } = this.#run(
      "INSERT INTO servers_4 (address, server_id) VALUES (?, ?)",
      address,
      server_id,
    );
    const server_key = Number(lastInsertRowid);
    const names = "INSERT INTO accepted_names SELECT ?, user_id, username FROM accepted_names WHERE server_key = ?";
    this.#run(names, server_key, from);
    return { server_key, server_id };
  }

  /** A server that has answered goes before one that has not, which gives it what was kept for it. */
  #point(address: string, server: Server): void {
    const before = this.#database
      .prepare<[string], Server>(
        "SELECT server_key, server_id FROM addresses_4 JOIN servers_4 USING (server_key) WHERE addresses_4.address = ?",
      )
      .get(address);
    const isReached = server.server_id !== null;
    if (before === undefined || isReached) {
      this.#run("INSERT OR REPLACE INTO addresses_4 VALUES (?, ?)", address, server.server_key);
    }
    if (before === undefined || before.server_key === server.server_key) return;
    if (!isReached) this.#adopt(server.server_key, before.server_key);
    else if (before.server_id === null) this.#adopt(before.server_key, server.server_key);
  }

  #adopt(from: number, to: number): void {
    for (const table of ["outbox", "accepted_names", "cached_rooms"]) {
      this.#run(`UPDATE OR IGNORE ${table} SET server_key = ? WHERE server_key = ?`, to, from);
      this.#run(`DELETE FROM ${table} WHERE server_key = ?`, from);
    }
    this.#run("DELETE FROM servers_4 WHERE server_key = ?", from);
  }

  /** Whoever was let in there has shown their key there. */
  #noteKeys(place: string, server_key: number): void {
    this.#run(
      "INSERT OR IGNORE INTO guest_keys SELECT ?, user_id, ?, key FROM identities WHERE user_id IN " +
        "(SELECT user_id FROM accepted_names WHERE server_key = ? UNION SELECT user_id FROM cached_rooms WHERE server_key = ?)",
      place,
      place,
      server_key,
      server_key,
    );
  }

  #run(sql: string, ...values: readonly (string | number | null)[]): RunResult {
    return this.#database.prepare(sql).run(...values);
  }
}

function giveSecrets(database: Database): void {
  const names = database.prepare<[], { name_key: string }>("SELECT name_key FROM identities").all();
  const update = database.prepare<[string, string]>("UPDATE identities SET secret = ? WHERE name_key = ?");
  for (const { name_key } of names) update.run(newIdentitySecret(), name_key);
}

/** A row of guest_keys: this address knows the identity, by the key of `scope` or, before that, by `former_key`. */
const NEW_TABLES = `
CREATE TABLE servers_4 (server_key INTEGER PRIMARY KEY, address TEXT NOT NULL, server_id TEXT) STRICT;
CREATE TABLE addresses_4 (
  address TEXT PRIMARY KEY,
  server_key INTEGER NOT NULL REFERENCES servers_4
) STRICT;
CREATE TABLE guest_keys (
  address TEXT NOT NULL,
  user_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  former_key TEXT,
  PRIMARY KEY (address, user_id)
) STRICT, WITHOUT ROWID;
`;

/** Another server has taken their address, and nobody knows whether that was the only one. */
const SERVERS_WITHOUT_ADDRESS = `
INSERT INTO servers_4 SELECT server_key, 'unknown/' || server_id, server_id FROM servers
  WHERE server_id IS NOT NULL AND server_key NOT IN (SELECT server_key FROM addresses);
`;

const OLD_TABLES = `
DROP TABLE addresses;
DROP TABLE servers;
ALTER TABLE servers_4 RENAME TO servers;
ALTER TABLE addresses_4 RENAME TO addresses;
CREATE UNIQUE INDEX servers_by_address ON servers (address, coalesce(server_id, ''));
ALTER TABLE identities ADD COLUMN secret TEXT NOT NULL DEFAULT '';
ALTER TABLE identities DROP COLUMN key;
`;
