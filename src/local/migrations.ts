import type { Database } from "better-sqlite3";
import { bindToAddresses } from "./bind-to-addresses.js";
import { LocalStoreUnusable } from "./local-store-unusable.js";

/** One step of the schema. It runs inside a transaction. */
export type Migration = (database: Database) => void;

/** The schema's history: the entry at position n brings version n to n + 1. Only ever appended to. */
export const MIGRATIONS: readonly Migration[] = [
  (database) => database.exec(VERSION_1),
  (database) => database.exec(VERSION_2),
  (database) => database.exec(VERSION_3),
  bindToAddresses,
  addExpiry,
];

/** Brings the store to the newest schema, all steps or none. A newer or foreign file is left as it is. */
export function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): void {
  if (schemaVersion(database) === migrations.length) return;
  // Tables are made anew under their names, which others refer to.
  database.pragma("foreign_keys = OFF");
  database
    .transaction(() => {
      // Read anew: another process may have been faster.
      const version = schemaVersion(database);
      if (version > migrations.length) throw new LocalStoreUnusable("newer", database.name);
      if (version === 0) refuseForeign(database);
      for (const step of migrations.slice(version)) step(database);
      database.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

function schemaVersion(database: Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

function refuseForeign(database: Database): void {
  const row = database.prepare<[], { tables: number }>("SELECT count(*) AS tables FROM sqlite_schema").get();
  if (row?.tables === 0) return;
  const message = `${database.name} belongs to another program: name another folder with --data-dir`;
  throw new LocalStoreUnusable("blocked", database.name, { message });
}

/**
 * A server without a server_id has never been reached. Until version 4 the others were known by it alone. Whatever hangs on a server is
 * for that server alone.
 */
const VERSION_1 = `
CREATE TABLE identities (
  name_key TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  user_id TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  key TEXT NOT NULL
) STRICT;
CREATE TABLE servers (server_key INTEGER PRIMARY KEY, server_id TEXT UNIQUE) STRICT;
CREATE TABLE addresses (
  address TEXT PRIMARY KEY,
  server_key INTEGER NOT NULL REFERENCES servers
) STRICT;
CREATE TABLE accepted_names (
  server_key INTEGER NOT NULL REFERENCES servers,
  user_id TEXT NOT NULL,
  username TEXT NOT NULL,
  PRIMARY KEY (server_key, user_id)
) STRICT;
CREATE TABLE outbox (
  entry_key INTEGER PRIMARY KEY AUTOINCREMENT,
  server_key INTEGER NOT NULL REFERENCES servers,
  user_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  room_id TEXT,
  recipient TEXT,
  message TEXT NOT NULL,
  reply_to INTEGER,
  created_at TEXT NOT NULL,
  refusal TEXT,
  UNIQUE (server_key, user_id, client_id),
  CHECK ((room_id IS NULL) <> (recipient IS NULL))
) STRICT;
CREATE TABLE cached_rooms (
  room_key INTEGER PRIMARY KEY,
  server_key INTEGER NOT NULL REFERENCES servers,
  user_id TEXT NOT NULL,
  room_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  fresh_at TEXT NOT NULL,
  UNIQUE (server_key, user_id, room_id)
) STRICT;
CREATE TABLE cached_messages (
  room_key INTEGER NOT NULL REFERENCES cached_rooms ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (room_key, seq)
) STRICT, WITHOUT ROWID;
`;

/** Calls have numbers of the same log as messages, and are no messages. */
const VERSION_2 = `
CREATE TABLE cached_calls (
  room_key INTEGER NOT NULL REFERENCES cached_rooms ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (room_key, seq)
) STRICT, WITHOUT ROWID;
`;

/** How far this person has read the room, in its epoch. */
const VERSION_3 = `
ALTER TABLE cached_rooms ADD COLUMN read_upto INTEGER NOT NULL DEFAULT 0;
`;

/** When a message loses its text, so that those whose time is over are found without reading them all. */
function addExpiry(database: Database): void {
  database.exec(`
ALTER TABLE cached_messages ADD COLUMN expires_ms INTEGER;
CREATE INDEX cached_messages_by_expiry ON cached_messages (expires_ms) WHERE expires_ms IS NOT NULL;
UPDATE cached_messages SET expires_ms = CAST(strftime('%s', json_extract(message, '$.expires_at')) AS INTEGER) * 1000
  WHERE json_extract(message, '$.expires_at') IS NOT NULL AND json_extract(message, '$.deleted_at') IS NULL;
`);
}
