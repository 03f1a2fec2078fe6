import type { Database } from "better-sqlite3";
import { nanoid } from "nanoid";
import { nameKey } from "../../../protocol/user-id.js";
import { lookAlikeKey } from "../look-alike.js";
import { DatabaseUnusable } from "./database-unusable.js";

/** One step of the schema. It runs inside a transaction. */
export type Migration = (database: Database) => void;

/** Marks a database as ours: the letters "mhub". Part of the file's format. */
export const APPLICATION_ID = 0x6d687562;

/**
 * The schema's history: the entry at position n brings version n to n + 1 (`PRAGMA user_version`).
 * Only ever appended to; test/fixtures holds a database of every released version.
 */
export const MIGRATIONS: readonly Migration[] = [
  createSchema,
  addExpiry,
  addRecords,
  addSessions,
  addMarks,
  addLooks,
  addRecentMessages,
  addIdKeys,
];

/** Brings the database to the newest schema, all steps or none. A newer or foreign database is left as it is. */
export function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): void {
  checkVersion(database, { known: migrations.length });
  const run = database.transaction(() => {
    const version = schemaVersion(database);
    if (version === migrations.length) return;
    for (const step of migrations.slice(version)) step(database);
    database.pragma(`user_version = ${migrations.length}`);
  });
  if (schemaVersion(database) < migrations.length) run.immediate();
}

/** The version of the database's schema: 0 for a new file. */
export function schemaVersion(database: Database): number {
  return Number(database.pragma("user_version", { simple: true }));
}

/** Throws if this program cannot have made the database: its schema is newer, or it belongs to something else. */
export function checkVersion(database: Database, { known = MIGRATIONS.length, path = database.name } = {}): void {
  const version = schemaVersion(database);
  const tables = database.prepare<[], { count: number }>("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  const isOurs = database.pragma("application_id", { simple: true }) === APPLICATION_ID;
  if (!isOurs && (tables !== 0 || version !== 0)) {
    throw new DatabaseUnusable({
      reason: "corrupt",
      path,
      message: `${path} belongs to another program (name another file with --database)`,
    });
  }
  if (version > known) {
    throw new DatabaseUnusable({
      reason: "newer",
      path,
      message:
        `the database ${path} was written by a newer mangahub: its schema is ${version}, this program ` +
        `knows ${known} (update mangahub, or name another file with --database)`,
    });
  }
}

/** Throws DatabaseUnusable if the schema is older than this program's: a reader may not bring it up to date. */
export function mustBeCurrent(database: Database, path: string): void {
  const version = schemaVersion(database);
  if (version === MIGRATIONS.length) return;
  throw new DatabaseUnusable({
    reason: "older",
    path,
    message: `the database ${path} has schema ${version}, this program reads ${MIGRATIONS.length} (start the hub once: mangahub serve)`,
  });
}

function createSchema(database: Database): void {
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.exec(VERSION_1);
  database.prepare("INSERT INTO meta (key, value) VALUES ('server_id', ?)").run(nanoid());
}

function addExpiry(database: Database): void {
  database.exec(VERSION_2);
}

function addRecords(database: Database): void {
  database.exec(VERSION_3);
}

function addSessions(database: Database): void {
  database.exec(VERSION_4);
}

function addMarks(database: Database): void {
  database.exec(VERSION_5);
}

/** From here on everybody's name has its look, not accounts' alone, and the looks are those of UTS 39. */
function addLooks(database: Database): void {
  database.exec(VERSION_6);
  const named = database.prepare<[], { user_key: number; username: string }>(
    "SELECT user_key, username FROM users WHERE username IS NOT NULL",
  );
  const update = database.prepare<[string, number]>("UPDATE users SET look_key = ? WHERE user_key = ?");
  for (const { user_key, username } of named.all()) update.run(lookAlikeKey(username), user_key);
}

function addRecentMessages(database: Database): void {
  database.exec(version7());
}

/** What ids are compared with names by. Names of claims from before count as used in a room. */
function addIdKeys(database: Database): void {
  database.exec(VERSION_8);
  const named = database.prepare<[], { user_key: number; user_id: string }>(
    "SELECT user_key, user_id FROM users WHERE username IS NOT NULL",
  );
  const update = database.prepare<[string, string, number]>(
    "UPDATE users SET id_key = ?, id_look = ? WHERE user_key = ?",
  );
  for (const { user_key, user_id } of named.all()) update.run(nameKey(user_id), lookAlikeKey(user_id), user_key);
}

/**
 * A user without a name is only referred to, by a message or a member list; one with a name is an account.
 * `last_ms` is the time of a room's newest message. The view is for people and for other programs.
 */
const VERSION_1 = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE rooms (
  room_key INTEGER PRIMARY KEY,
  room_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  epoch TEXT NOT NULL,
  head INTEGER NOT NULL DEFAULT 0,
  oldest INTEGER NOT NULL DEFAULT 1,
  created_ms INTEGER NOT NULL,
  last_ms INTEGER
) STRICT;
CREATE TABLE users (
  user_key INTEGER PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE,
  username TEXT,
  name_key TEXT,
  key_hash TEXT,
  seen_ms INTEGER
) STRICT;
CREATE INDEX users_by_name ON users (name_key) WHERE name_key IS NOT NULL;
CREATE TABLE room_members (
  room_key INTEGER NOT NULL REFERENCES rooms,
  user_key INTEGER NOT NULL REFERENCES users,
  PRIMARY KEY (room_key, user_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_members_by_user ON room_members (user_key);
CREATE TABLE messages (
  row_id INTEGER PRIMARY KEY,
  room_key INTEGER NOT NULL REFERENCES rooms,
  seq INTEGER NOT NULL,
  user_key INTEGER NOT NULL REFERENCES users,
  username TEXT NOT NULL,
  id TEXT NOT NULL,
  client_id TEXT,
  message TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  reply_to INTEGER,
  chapter REAL,
  meta TEXT,
  UNIQUE (room_key, seq)
) STRICT;
CREATE UNIQUE INDEX messages_by_client_id ON messages (room_key, user_key, client_id) WHERE client_id IS NOT NULL;
CREATE VIEW chat_messages AS
  SELECT m.id, u.user_id, m.username, r.room_id, m.message,
    m.created_ms / 1000 AS timestamp,
    strftime('%Y-%m-%dT%H:%M:%S', m.created_ms / 1000, 'unixepoch') || printf('.%03dZ', m.created_ms % 1000) AS created_at,
    m.seq
  FROM messages m JOIN rooms r USING (room_key) JOIN users u USING (user_key);
`;

/** A row with `deleted_ms` is a tombstone: `message` is empty and `meta` gone, its place in the room stays. */
const VERSION_2 = `
ALTER TABLE messages ADD COLUMN expires_ms INTEGER;
ALTER TABLE messages ADD COLUMN deleted_ms INTEGER;
CREATE INDEX messages_by_expiry ON messages (expires_ms) WHERE expires_ms IS NOT NULL AND deleted_ms IS NULL;
`;

/** A row with a `type` is no message but another event of the room: its details are in `meta`. */
const VERSION_3 = `
ALTER TABLE messages ADD COLUMN type TEXT;
DROP VIEW chat_messages;
CREATE VIEW chat_messages AS
  SELECT m.id, u.user_id, m.username, r.room_id, m.message,
    m.created_ms / 1000 AS timestamp,
    strftime('%Y-%m-%dT%H:%M:%S', m.created_ms / 1000, 'unixepoch') || printf('.%03dZ', m.created_ms % 1000) AS created_at,
    m.seq
  FROM messages m JOIN rooms r USING (room_key) JOIN users u USING (user_key)
  WHERE m.type IS NULL;
`;

/** `look_key` is there with a password: what the name looks like. A session's token is known by its hash alone. */
const VERSION_4 = `
ALTER TABLE users ADD COLUMN password TEXT;
ALTER TABLE users ADD COLUMN look_key TEXT;
CREATE UNIQUE INDEX users_by_account_name ON users (name_key) WHERE password IS NOT NULL;
CREATE UNIQUE INDEX users_by_look ON users (look_key) WHERE look_key IS NOT NULL;
CREATE TABLE sessions (
  session_key INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  user_key INTEGER NOT NULL REFERENCES users,
  token_hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_key, seen_ms);
CREATE INDEX sessions_by_expiry ON sessions (expires_ms);
`;

/**
 * How far a user has received and read a room; `told_…` is what others may know of it. Direct messages from before count
 * as read, though nobody is told so.
 */
const VERSION_5 = `
CREATE TABLE marks (
  user_key INTEGER NOT NULL REFERENCES users,
  room_key INTEGER NOT NULL REFERENCES rooms,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  told_delivered INTEGER NOT NULL,
  told_read INTEGER NOT NULL,
  PRIMARY KEY (user_key, room_key)
) STRICT, WITHOUT ROWID;
INSERT INTO marks
  SELECT user_key, room_key, head, head, 0, 0 FROM room_members JOIN rooms USING (room_key) WHERE kind = 'direct';
`;

/** Whether a look is taken is asked within the transaction that takes it, and guests may look like one another. */
const VERSION_6 = `
DROP INDEX users_by_look;
CREATE INDEX users_by_look ON users (look_key) WHERE look_key IS NOT NULL;
`;

/**
 * What was written last stands in `recent_messages`, whose few pages all rooms share, until much of it is moved to
 * `messages` at once. Its columns are the same; a row keeps its `row_id`, which is above all in `messages`.
 */
function version7(): string {
  return `
CREATE TABLE recent_messages (
  row_id INTEGER PRIMARY KEY,
  room_key INTEGER NOT NULL REFERENCES rooms,
  seq INTEGER NOT NULL,
  user_key INTEGER NOT NULL REFERENCES users,
  username TEXT NOT NULL,
  id TEXT NOT NULL,
  client_id TEXT,
  message TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  reply_to INTEGER,
  chapter REAL,
  meta TEXT,
  expires_ms INTEGER,
  deleted_ms INTEGER,
  type TEXT,
  UNIQUE (room_key, seq)
) STRICT;
CREATE VIEW all_messages AS
  SELECT row_id, room_key, seq, user_key, username, id, client_id, message, created_ms, reply_to, chapter, meta,
    expires_ms, deleted_ms, type FROM messages
  UNION ALL
  SELECT row_id, room_key, seq, user_key, username, id, client_id, message, created_ms, reply_to, chapter, meta,
    expires_ms, deleted_ms, type FROM recent_messages;
DROP VIEW chat_messages;
CREATE VIEW chat_messages AS ${chatMessagesOf("messages")} UNION ALL ${chatMessagesOf("recent_messages")};
`;
}

/** `joined_ms` is when the user was in a room last. */
const VERSION_8 = `
ALTER TABLE users ADD COLUMN id_key TEXT;
ALTER TABLE users ADD COLUMN id_look TEXT;
ALTER TABLE users ADD COLUMN joined_ms INTEGER;
UPDATE users SET joined_ms = seen_ms;
CREATE INDEX users_by_id_key ON users (id_key) WHERE id_key IS NOT NULL;
CREATE INDEX users_by_id_look ON users (id_look) WHERE id_look IS NOT NULL;
`;

/** Two joins rather than one over both tables, which could not use their indexes. */
function chatMessagesOf(table: string): string {
  return `
  SELECT m.id, u.user_id, m.username, r.room_id, m.message,
    m.created_ms / 1000 AS timestamp,
    strftime('%Y-%m-%dT%H:%M:%S', m.created_ms / 1000, 'unixepoch') || printf('.%03dZ', m.created_ms % 1000) AS created_at,
    m.seq
  FROM ${table} m JOIN rooms r USING (room_key) JOIN users u USING (user_key)
  WHERE m.type IS NULL`;
}
