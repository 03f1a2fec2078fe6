import type { Identity } from "./identities.js";
import type { LocalDatabase } from "./local-database.js";
import { addressOf } from "./server-address.js";

/** A server as this machine knows it; without a server_id it has not been reached yet. */
export type Server = { readonly url: string; readonly server_id?: string };

/**
 * A server that has answered. `namesakes` are the other addresses whose server had the same id, when this one answers
 * for the first time: it may be one of them that has moved, or only says so.
 */
export type Recognised = { readonly server_id: string; readonly namesakes: readonly string[] };

/** One server of an address. `waiting` counts the messages of its outbox, `rooms` those that were seen of it. */
export type KnownServer = {
  readonly address: string;
  readonly server_id: string | null;
  readonly waiting: number;
  readonly rooms: number;
};

type Row = { readonly server_key: number; readonly server_id: string | null };

/** The tables whose rows hang on a server. */
const KEPT = ["outbox", "accepted_names", "cached_rooms"] as const;

/**
 * Which server stands behind an address. What is kept for a server is bound to its address, for that is what a person
 * chose; a server_id is public and proves nothing. It only tells apart the servers of one address: another database
 * there has other messages and marks, so what was kept for the one before stays behind, until that one is back.
 */
export class Servers {
  readonly #database: LocalDatabase;

  constructor(database: LocalDatabase) {
    this.#database = database;
  }

  at(url: string): Server {
    const row = this.#find(url);
    return row === undefined || row.server_id === null ? { url } : { url, server_id: row.server_id };
  }

  /** The key that everything kept for the server at this address hangs on now. */
  keyOf(url: string): number {
    return this.#find(url)?.server_key ?? this.#database.transaction(() => this.#insert(url));
  }

  /**
   * Notes which server has answered at an address; call it before anything is sent there. What was kept for an address
   * never reached before is now that server's; what belongs to another server that was there before stays with it.
   */
  recognise(url: string, server_id: string): Recognised {
    if (this.#find(url)?.server_id === server_id) return { server_id, namesakes: [] };
    return this.#database.transaction(() => {
      const isNew = this.#at(url, server_id) === undefined;
      this.#bind(url, server_id);
      return { server_id, namesakes: isNew ? this.namesakes(url, server_id) : [] };
    });
  }

  /** The name to ask this server for: the one it accepted last time, else the identity's own. */
  usernameFor(identity: Identity, { url }: Server): string {
    const row = this.#database.get<{ username: string }>(
      "SELECT username FROM accepted_names WHERE server_key = ? AND user_id = ?",
      [this.#find(url)?.server_key ?? 0, identity.user_id],
    );
    return row?.username ?? identity.username;
  }

  rememberUsername(identity: Identity, { url }: Server, username: string): void {
    const server_key = this.keyOf(url);
    this.#database.run(
      "INSERT INTO accepted_names VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET username = excluded.username",
      [server_key, identity.user_id, username],
    );
  }

  /** Binds everything kept for the servers of one address to another; what is there already stays. */
  move(from: string, to: string): void {
    const [before, current] = [this.#find(to), this.#find(from)];
    const moved = this.#ofAddress(from).map((row) => [row.server_key, this.#moveOne(row, addressOf(to))] as const);
    this.#database.run("DELETE FROM addresses WHERE address = ?", [addressOf(from)]);
    const target = new Map(moved).get(current?.server_key ?? moved[0]?.[0] ?? 0);
    if (target === undefined || (before !== undefined && before.server_id !== null)) return;
    this.#point(to, target);
    if (before !== undefined && before.server_key !== target) this.#adopt(before.server_key, target);
  }

  /** What is known, by address. */
  list(): readonly KnownServer[] {
    return this.#database.all<KnownServer>(
      "SELECT address, server_id, (SELECT count(*) FROM outbox WHERE outbox.server_key = servers.server_key) AS waiting, " +
        "(SELECT count(*) FROM cached_rooms WHERE cached_rooms.server_key = servers.server_key) AS rooms " +
        "FROM servers ORDER BY address, server_key",
      [],
    );
  }

  /** Gives one server another address; what it is called by from then on is its key, or that of the same one there. */
  #moveOne({ server_key, server_id }: Row, to: string): number {
    const there = this.#at(to, server_id);
    if (there === undefined) {
      this.#database.run("UPDATE servers SET address = ? WHERE server_key = ?", [to, server_key]);
      return server_key;
    }
    this.#adopt(server_key, there.server_key);
    return there.server_key;
  }

  #find(url: string): Row | undefined {
    return this.#database.get<Row>(
      "SELECT server_key, server_id FROM addresses JOIN servers USING (server_key) WHERE addresses.address = ?",
      [addressOf(url)],
    );
  }

  #ofAddress(url: string): readonly Row[] {
    const sql = "SELECT server_key, server_id FROM servers WHERE address = ? ORDER BY server_key";
    return this.#database.all<Row>(sql, [addressOf(url)]);
  }

  #at(url: string, server_id: string | null): Row | undefined {
    return this.#ofAddress(url).find((row) => row.server_id === server_id);
  }

  /** The other addresses whose server has, or claims, this id. */
  namesakes(url: string, server_id: string): readonly string[] {
    const sql = "SELECT address FROM servers WHERE server_id = ? AND address <> ? ORDER BY server_key";
    return this.#database.all<{ address: string }>(sql, [server_id, addressOf(url)]).map(({ address }) => address);
  }

  #bind(url: string, server_id: string): void {
    const before = this.#find(url);
    const known = this.#at(url, server_id);
    const unreached = before !== undefined && before.server_id === null;
    if (unreached && known === undefined) {
      this.#database.run("UPDATE servers SET server_id = ? WHERE server_key = ?", [server_id, before.server_key]);
      return;
    }
    const server_key = known?.server_key ?? this.#newServer(url, server_id);
    this.#point(url, server_key);
    if (unreached) this.#adopt(before.server_key, server_key);
  }

  /** Moves what was kept for one server to another. Of two names or rooms those of the latter stay; marks only rise. */
  #adopt(from: number, to: number): void {
    this.#database.run(
      "UPDATE cached_rooms SET read_upto = max(cached_rooms.read_upto, min(cached_rooms.seq, other.read_upto)) " +
        "FROM cached_rooms AS other WHERE cached_rooms.server_key = ? AND other.server_key = ? AND " +
        "other.user_id = cached_rooms.user_id AND other.room_id = cached_rooms.room_id AND other.epoch = cached_rooms.epoch",
      [to, from],
    );
    for (const table of KEPT) {
      this.#database.run(`UPDATE OR IGNORE ${table} SET server_key = ? WHERE server_key = ?`, [to, from]);
      this.#database.run(`DELETE FROM ${table} WHERE server_key = ?`, [from]);
    }
    this.#database.run("UPDATE addresses SET server_key = ? WHERE server_key = ?", [to, from]);
    this.#database.run("DELETE FROM servers WHERE server_key = ?", [from]);
  }

  #insert(url: string): number {
    const found = this.#find(url)?.server_key;
    if (found !== undefined) return found;
    const server_key = this.#newServer(url, null);
    this.#point(url, server_key);
    return server_key;
  }

  #newServer(url: string, server_id: string | null): number {
    const sql = "INSERT INTO servers (address, server_id) VALUES (?, ?) RETURNING server_key";
    const row = this.#database.get<Row>(sql, [addressOf(url), server_id]);
    if (row === undefined) throw new Error("the new server has no row");
    return row.server_key;
  }

  #point(url: string, server_key: number): void {
    this.#database.run(
      "INSERT INTO addresses VALUES (?, ?) ON CONFLICT DO UPDATE SET server_key = excluded.server_key",
      [addressOf(url), server_key],
    );
  }
}
