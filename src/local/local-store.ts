import type { HistoryCache } from "../session/history-cache.js";
import type { Outbox } from "../session/outbox.js";
import { GuestKeys, type ServerKeys } from "./guest-keys.js";
import { Identities, type Identity } from "./identities.js";
import { type LocalDatabase, openLocalDatabase } from "./local-database.js";
import { addressOf } from "./server-address.js";
import { type KnownServer, type Recognised, type Server, Servers } from "./servers.js";
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
  readonly #keys: GuestKeys;
  #cacheDatabase: LocalDatabase | undefined;

  constructor(path: string, database: LocalDatabase) {
    this.path = path;
    this.#database = database;
    this.#identities = new Identities(database);
    this.#servers = new Servers(database);
    this.#keys = new GuestKeys(database);
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

  server(url: string): Server {
    return this.#servers.at(url);
  }

  /** Notes which server answered at an address. Call it on `connected`, before the outbox is read and anything is sent. */
  recognise(url: string, server_id: string): Recognised {
    return this.#servers.recognise(url, server_id);
  }

  /** The name to ask a server for: the one it accepted last, else the identity's own. */
  usernameFor(identity: Identity, server: Server): string {
    return this.#servers.usernameFor(identity, server);
  }

  /** Notes that a server has let somebody in, and under which name. */
  rememberUsername(identity: Identity, server: Server, username: string): void {
    this.#database.transaction(() => {
      this.#servers.rememberUsername(identity, server, username);
      this.#keys.noteVisit(server.url, identity);
    });
  }

  /** What proves to this server, and to no other, that the identity's user id is theirs. */
  keysFor(identity: Identity, { url }: Server): ServerKeys {
    return this.#keys.at(url, identity);
  }

  /** Whether this identity has been let in at this address. */
  isKnownAt(identity: Identity, { url }: Server): boolean {
    return this.#keys.isKnownAt(url, identity);
  }

  /** The former key is not needed for this server any more, and is forgotten. */
  forgetFormerKey(identity: Identity, { url }: Server): void {
    this.#keys.forgetFormer(url, identity);
  }

  /** Every server that anything is kept for. */
  servers(): readonly KnownServer[] {
    return this.#servers.list();
  }

  /** Other addresses whose server has, or claims, this id. */
  addressesOf(server_id: string, but: string): readonly string[] {
    return this.#servers.namesakes(but, server_id);
  }

  /** The server at the first address is at the second now, says the person: what is kept for it follows, and the keys. */
  moveServer(from: string, to: string): void {
    this.#database.transaction(() => {
      this.#servers.move(from, to);
      this.#keys.move(addressOf(from), addressOf(to));
    });
  }

  /** Follows the address: after `recognise` has found another server there, it is that server's outbox. */
  outbox(identity: Identity, { url }: Server): Outbox {
    return new SqliteOutbox(this.#database, { identity, url, servers: this.#servers });
  }

  /** Follows the address, as `outbox` does. `now` is in Unix milliseconds. */
  cache(identity: Identity, { url }: Server, now: () => number = Date.now): HistoryCache {
    // A connection of its own, so that messages seen need not wait for the disk as messages written do.
    this.#cacheDatabase ??= openLocalDatabase(this.path, "relaxed");
    const servers = new Servers(this.#cacheDatabase);
    return new SqliteHistoryCache(this.#cacheDatabase, { identity, url, servers }, now);
  }

  close(): void {
    this.#cacheDatabase?.close();
    this.#cacheDatabase = undefined;
    this.#database.close();
  }
}
