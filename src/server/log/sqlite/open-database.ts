import { closeSync, openSync, realpathSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import Database from "better-sqlite3";
import { makeFolder } from "../../../files/make-folder.js";
import { errorCode, toDatabaseUnusable } from "./database-unusable.js";
import { checkVersion, migrate } from "./migrations.js";
import { mustBeOurs } from "./schema-objects.js";

/** A WAL that once grew larger is cut back to this when it starts anew. */
const MAX_IDLE_WAL_BYTES = 64 * 1024 * 1024;

/**
 * Makes the database's folder if it is missing, for this user alone, and gives the one path the file goes by, links
 * resolved, so that two ways to name it meet at one lock. Throws DatabaseUnusable.
 */
export function prepareFolder(path: string): string {
  const wanted = resolve(path);
  try {
    makeFolder(dirname(wanted));
    return realpathIfThere(wanted) ?? join(realpathSync(dirname(wanted)), basename(wanted));
  } catch (error) {
    throw toDatabaseUnusable(error, wanted);
  }
}

/** `durable`: every commit waits until it is on the disk; else a power failure may take the last ones back. */
export type WriteOptions = { readonly busyTimeoutMs: number; readonly durable: boolean };

/** The one connection that writes: WAL, schema up to date. Throws DatabaseUnusable. */
export function openForWriting(path: string, { busyTimeoutMs, durable }: WriteOptions): Database.Database {
  let database: Database.Database | undefined;
  try {
    makePrivateFile(path);
    database = new Database(path, { timeout: busyTimeoutMs });
    distrust(database);
    checkVersion(database);
    mustBeOurs(database);
    migrate(database);
    database.pragma("journal_mode = WAL");
    // A file that may only be read opens without complaint; the first write fails, even of nothing.
    database.exec("DELETE FROM meta WHERE false");
    // The engine's build would take NORMAL for a WAL, which forgets commits when the power fails.
    database.pragma(`synchronous = ${durable ? "FULL" : "NORMAL"}`);
    // Keys are only ever the writer's own; to look each up again costs every message. `db check` looks at them all.
    database.pragma("foreign_keys = OFF");
    // What has expired shall not stay readable in the file; where it costs nothing more, it is overwritten.
    database.pragma("secure_delete = FAST");
    // The writer copies the WAL back itself, after it has answered.
    database.pragma("wal_autocheckpoint = 0");
    database.pragma(`journal_size_limit = ${MAX_IDLE_WAL_BYTES}`);
    return database;
  } catch (error) {
    database?.close();
    throw toDatabaseUnusable(error, path);
  }
}

/** A connection that only reads. Throws what the engine throws. */
export function openForReading(path: string, busyTimeoutMs: number): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  distrust(database);
  return database;
}

/**
 * Closes the last connection to a file that somebody else has written over: the WAL belongs to what it held before, and is
 * neither copied into it nor left where the next start would do so, but kept beside under another name.
 */
export function closeWithoutCheckpoint(database: Database.Database, path: string): void {
  // The engine leaves the WAL alone as long as somebody else reads, and who only reads leaves it alone, too.
  const reader = openForReading(path, 0);
  try {
    reader.exec("BEGIN");
    reader.prepare("SELECT 1 FROM sqlite_schema").get();
  } finally {
    database.close();
    reader.close();
    renameSync(`${path}-wal`, `${path}-wal.before-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
    rmSync(`${path}-shm`, { force: true });
  }
}

/** Whoever wrote the file may have written functions with effects into its schema: they are not run. */
export function distrust(database: Database.Database): void {
  database.pragma("trusted_schema = OFF");
}

/** The id the database was given when it was made. */
export function readServerId(database: Database.Database): string {
  const row = database.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'server_id'").get();
  if (row === undefined) throw new Error(`the database ${database.name} has no server_id (restore it from a backup)`);
  return row.value;
}

/**
 * Makes an empty file unless there is one. Direct messages will be in it, and the engine would let everybody read it. An
 * existing file is not opened here: to close a second descriptor of it would free this process's locks (POSIX).
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}

function realpathIfThere(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
