import type { Identity } from "./identities.js";
import type { LocalDatabase } from "./local-database.js";

/** A server as this machine knows it; without a server_id it has not been reached yet. */
export type Server = { readonly url: string; readonly server_id?: string };

type Row = { readonly server_key: number; readonly server_id: string | null };

/**
 * Which server stands behind an address. What is kept for a server hangs on its id, not on its address: so it follows
 * the server when it moves, and stays behind when another one takes its place.
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
  recognise(url: string, server_id: string): Server {
    if (this.#find(url)?.server_id !== server_id) this.#database.transaction(() => this.#bind(url, server_id));
    return { url, server_id };
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

  #find(url: string): Row | undefined {
    return this.#database.get<Row>(
      "SELECT server_key, server_id FROM addresses JOIN servers USING (server_key) WHERE address = ?",
      [addressOf(url)],
    );
  }

  #bind(url: string, server_id: string): void {
    const before = this.#find(url);
    const known = this.#database.get<Row>("SELECT server_key, server_id FROM servers WHERE server_id = ?", [server_id]);
    const unreached = before !== undefined && before.server_id === null;
    if (unreached && known === undefined) {
      this.#database.run("UPDATE servers SET server_id = ? WHERE server_key = ?", [server_id, before.server_key]);
      return;
    }
    const server_key = known?.server_key ?? this.#newServer(server_id);
    this.#point(url, server_key);
    if (unreached) this.#adopt(before.server_key, server_key);
  }

  /** Moves what was kept for a server before it was known which one it is. Of two names or rooms the server's own stay. */
  #adopt(from: number, to: number): void {
    for (const table of ["outbox", "accepted_names", "cached_rooms"]) {
      this.#database.run(`UPDATE OR IGNORE ${table} SET server_key = ? WHERE server_key = ?`, [to, from]);
      this.#database.run(`DELETE FROM ${table} WHERE server_key = ?`, [from]);
    }
    this.#database.run("DELETE FROM servers WHERE server_key = ?", [from]);
  }

  #insert(url: string): number {
    const found = this.#find(url)?.server_key;
    if (found !== undefined) return found;
    const server_key = this.#newServer(null);
    this.#point(url, server_key);
    return server_key;
  }

  #newServer(server_id: string | null): number {
    const row = this.#database.get<Row>("INSERT INTO servers (server_id) VALUES (?) RETURNING server_key", [server_id]);
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

/** One spelling for addresses that lead to the same place: ws for http, no /ws, no slash at the end. */
export function addressOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol.replace(/^http/, "ws")}//${host}${pathname.replace(/\/+$/, "").replace(/\/ws$/, "")}`;
}
