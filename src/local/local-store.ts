import type { HistoryCache } from "../session/history-cache.js";
import type { Outbox } from "../session/outbox.js";
import { Identities, type Identity } from "./identities.js";
import { type LocalDatabase, openLocalDatabase } from "./local-database.js";
import { type Server, Servers } from "./servers.js";
import { SqliteHistoryCache } from "./sqlite-history-cache.js";
import { SqliteOutbox } from "./sqlite-outbox.js";

export type { Identity } from "./identities.js";
export type { Server } from "./servers.js";

/** Opens the user's own store, made if it is missing. Throws LocalStoreUnusable. */
export function openLocalStore(path: string): LocalStore {
  return new LocalStore(path, openLocalDatabase(path, "durable"));
}

/**
 * What one person keeps on this machine: identities, and for each server an outbox and what was seen of it. Several
 * processes may use one file. Every method throws LocalStoreUnusable when the file no longer serves.
 */
export class LocalStore {
  readonly path: string;
  readonly #database: LocalDatabase;
  readonly #identities: Identities;
  readonly #servers: Servers;
  #cacheDatabase: LocalDatabase | undefined;

  constructor(path: string, database: LocalDatabase) {
    this.path = path;
    this.#database = database;
    this.#identities = new Identities(database);
    this.#servers = new Servers(database);
  }

  /** The identity of that name, made if there is none. Throws RangeError for what cannot be a name. */
  identity(name: string): Identity {
    return this.#identities.take(name);
  }

  /** The identity of that name, if there is one. Throws RangeError for what cannot be a name. */
  findIdentity(name: string): Identity | undefined {
    return this.#identities.find(name);
  }

  /** Whether there is an identity at all: without one, nobody has talked from here yet. */
  get hasIdentities(): boolean {
    return !this.#identities.isEmpty;
  }

  /** Changes the name others see, on all servers; user id and key stay. */
  rename(name: string, username: string): Identity {
    return this.#identities.rename(name, username);
  }

  server(url: string): Server {
    return this.#servers.at(url);
  }

  /** Notes which server answered at an address. Call it on `connected`, before the outbox is read and anything is sent. */
  recognise(url: string, server_id: string): Server {
    return this.#servers.recognise(url, server_id);
  }

  /** The name to ask a server for: the one it accepted last, else the identity's own. */
  usernameFor(identity: Identity, server: Server): string {
    return this.#servers.usernameFor(identity, server);
  }

  /** Notes the name a server has accepted. */
  rememberUsername(identity: Identity, server: Server, username: string): void {
    this.#servers.rememberUsername(identity, server, username);
  }

  /** Follows the address: after `recognise` has found another server there, it is that server's outbox. */
  outbox(identity: Identity, { url }: Server): Outbox {
    return new SqliteOutbox(this.#database, { identity, url, servers: this.#servers });
  }

  /** Follows the address, as `outbox` does. */
  cache(identity: Identity, { url }: Server): HistoryCache {
    // A connection of its own, so that messages seen need not wait for the disk as messages written do.
    this.#cacheDatabase ??= openLocalDatabase(this.path, "relaxed");
    const servers = new Servers(this.#cacheDatabase);
    return new SqliteHistoryCache(this.#cacheDatabase, { identity, url, servers });
  }

  close(): void {
    this.#cacheDatabase?.close();
    this.#cacheDatabase = undefined;
    this.#database.close();
  }
}
