import type { Failure } from "../protocol/error-code.js";
import type { RoomId } from "../protocol/room-id.js";
import type { Outbox, OutboxEntry } from "../session/outbox.js";
import type { Identity } from "./identities.js";
import type { LocalDatabase } from "./local-database.js";
import { LocalStoreUnusable } from "./local-store-unusable.js";
import type { Servers } from "./servers.js";

/** Messages one person may have waiting for one server. */
export const MAX_OUTBOX_ENTRIES = 10_000;

type Row = {
  readonly client_id: string;
  readonly room_id: RoomId | null;
  readonly recipient: string | null;
  readonly message: string;
  readonly reply_to: number | null;
  readonly created_at: string;
  readonly refusal: string | null;
};

export type OutboxOwner = { readonly identity: Identity; readonly url: string; readonly servers: Servers };

/** The outbox of one identity for whichever server stands behind an address now. On the disk when a call returns. */
export class SqliteOutbox implements Outbox {
  readonly #database: LocalDatabase;
  readonly #owner: OutboxOwner;

  constructor(database: LocalDatabase, owner: OutboxOwner) {
    this.#database = database;
    this.#owner = owner;
  }

  /** Adding a client_id again changes nothing. Throws LocalStoreUnusable, also when the outbox is full. */
  add({ client_id, destination, message, reply_to, created_at, refusal }: OutboxEntry): void {
    const room_id = "room_id" in destination ? destination.room_id : null;
    const recipient = "to" in destination ? destination.to : null;
    this.#database.transaction(() => {
      const owner = this.#ownerKeys();
      this.#refuseIfFull(owner);
      this.#database.run(
        "INSERT INTO outbox (server_key, user_id, client_id, room_id, recipient, message, reply_to, created_at, refusal) " +
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [...owner, client_id, room_id, recipient, message, reply_to ?? null, created_at, toJson(refusal)],
      );
    });
  }

  entries(): readonly OutboxEntry[] {
    const rows = this.#database.all<Row>(
      "SELECT client_id, room_id, recipient, message, reply_to, created_at, refusal FROM outbox " +
        "WHERE server_key = ? AND user_id = ? ORDER BY entry_key",
      this.#ownerKeys(),
    );
    return rows.map(rowToEntry);
  }

  remove(client_id: string): void {
    this.#database.run("DELETE FROM outbox WHERE server_key = ? AND user_id = ? AND client_id = ?", [
      ...this.#ownerKeys(),
      client_id,
    ]);
  }

  setRefusal(client_id: string, refusal?: Failure): void {
    this.#database.run("UPDATE outbox SET refusal = ? WHERE server_key = ? AND user_id = ? AND client_id = ?", [
      toJson(refusal),
      ...this.#ownerKeys(),
      client_id,
    ]);
  }

  #ownerKeys(): readonly [server_key: number, user_id: string] {
    const { identity, url, servers } = this.#owner;
    return [servers.keyOf(url), identity.user_id];
  }

  #refuseIfFull(owner: readonly [server_key: number, user_id: string]): void {
    const sql = "SELECT count(*) AS waiting FROM outbox WHERE server_key = ? AND user_id = ?";
    const { waiting } = this.#database.get<{ waiting: number }>(sql, owner) ?? { waiting: 0 };
    if (waiting < MAX_OUTBOX_ENTRIES) return;
    const message = `${waiting} messages wait for ${this.#owner.url} already: connect to it, or drop some`;
    throw new LocalStoreUnusable("full", this.#owner.url, { message });
  }
}

function rowToEntry(row: Row): OutboxEntry {
  const { client_id, room_id, recipient, message, reply_to, created_at, refusal } = row;
  return {
    client_id,
    destination: room_id === null ? { to: recipient ?? "" } : { room_id },
    message,
    created_at,
    ...(reply_to === null ? {} : { reply_to }),
    // Written by toJson below.
    ...(refusal === null ? {} : { refusal: JSON.parse(refusal) as Failure }),
  };
}

function toJson(refusal: Failure | undefined): string | null {
  return refusal === undefined ? null : JSON.stringify(refusal);
}
