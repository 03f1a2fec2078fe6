import { closeSync, existsSync, fsyncSync, linkSync, openSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { checkDatabase } from "./check-database.js";
import { DatabaseLock } from "./database-lock.js";
import { DatabaseUnusable, errorCode, toDatabaseUnusable } from "./database-unusable.js";
import type { Holder } from "./holder.js";
import { checkVersion, migrate } from "./migrations.js";
import { distrust, openForReading, prepareFolder } from "./open-database.js";
import { renewEpochs } from "./run-marker.js";
import { schemaDifferences } from "./schema-objects.js";

const BUSY_TIMEOUT_MS = 5000;
/** More pages than any database has: all in one step, so that a busy hub never makes the copy begin anew. */
const ALL_PAGES = 0x7fffffff;

/** The file is there already, or is the database itself. */
export class FileInTheWay extends Error {
  override readonly name = "FileInTheWay";
}

/**
 * Copies the database at `from` to the new file `to`, while a hub may be writing: the copy is of one moment, is one
 * file, and is there whole or not at all. Rejects with FileInTheWay or DatabaseUnusable.
 */
export async function backupDatabase(from: string, to: string): Promise<void> {
  if (existsSync(to)) throw new FileInTheWay(`${to} exists (name a new file; nothing was overwritten)`);
  const partial = `${to}.partial-${process.pid}`;
  try {
    await copy(from, partial);
    publish(partial, to);
    syncFolder(dirname(resolve(to)));
  } catch (error) {
    if (error instanceof FileInTheWay) throw error;
    throw toDatabaseUnusable(error, from);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** Unlike a rename, a link never takes the place of a file that came meanwhile. */
function publish(partial: string, to: string): void {
  try {
    linkSync(partial, to);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw new FileInTheWay(`${to} was made meanwhile (name another file)`);
    // A file system without links.
    renameSync(partial, to);
  }
}

export type Restored = {
  readonly rooms: number;
  readonly messages: number;
  /** Where the database that was there is now; undefined if there was none. */
  readonly before: string | undefined;
};

export type RestoreOptions = { readonly holder: Omit<Holder, "since">; readonly now_ms: number };

/**
 * Puts the backup `from` in the place of the database at `to`; every room gets a new epoch, since numbers after the
 * backup were given to other messages. What was there is kept beside. Rejects with DatabaseLocked while a hub runs,
 * FileInTheWay, or DatabaseUnusable if the backup is not sound; then nothing has changed.
 */
export async function restoreDatabase(from: string, to: string, options: RestoreOptions): Promise<Restored> {
  const path = prepareFolder(to);
  if (existsSync(from) && realpathSync(from) === path) {
    throw new FileInTheWay(`${from} is the database itself (name a backup of it)`);
  }
  const lock = await DatabaseLock.take(path, options.holder);
  const prepared = `${path}.restoring`;
  try {
    removeAll(prepared);
    await copy(from, prepared);
    const { rooms, messages } = prepare(prepared, from);
    return { rooms, messages, before: exchange(prepared, path, options.now_ms) };
  } catch (error) {
    throw toDatabaseUnusable(error, from);
  } finally {
    removeAll(prepared);
    lock.release();
  }
}

async function copy(from: string, to: string): Promise<void> {
  if (!existsSync(from)) {
    throw new DatabaseUnusable({ reason: "io", path: from, message: `there is no file ${from} (name another one)` });
  }
  closeSync(openSync(to, "wx", 0o600));
  const source = openForReading(from, BUSY_TIMEOUT_MS);
  try {
    checkVersion(source, { path: from });
    await source.backup(to, { progress: () => ALL_PAGES });
  } finally {
    source.close();
  }
  const copied = new Database(to);
  try {
    // One file that can be read where nothing may be written; a hub turns the WAL on again.
    copied.pragma("journal_mode = DELETE");
  } finally {
    copied.close();
  }
  syncFile(to);
}

/** Brings a copied backup up to date, with new epochs. Throws DatabaseUnusable if it is not sound. */
function prepare(path: string, from: string): { readonly rooms: number; readonly messages: number } {
  const database = new Database(path);
  try {
    distrust(database);
    // Before anything is written: what is foreign is not to run even once.
    const [difference] = schemaDifferences(database);
    if (difference !== undefined) throw notSound(from, difference.message);
    migrate(database);
    database.transaction(() => renewEpochs(database)).immediate();
    // An unclean run before the backup is of no more interest, nor who had the file then.
    database.prepare("DELETE FROM meta WHERE key IN ('volatile_since', 'claim')").run();
    // Those that were ended since the backup must not come back, and which these are nobody knows.
    database.prepare("DELETE FROM sessions").run();
  } finally {
    database.close();
  }
  const report = checkDatabase(path);
  const problem = report?.problems[0];
  if (report !== undefined && problem === undefined) return report;
  throw notSound(from, problem?.message ?? "it is empty");
}

function notSound(from: string, why: string): DatabaseUnusable {
  const message = `${from} is not sound: ${why} (restore another backup; nothing was changed)`;
  return new DatabaseUnusable({ reason: "corrupt", path: from, message });
}

/** The old database keeps its content under another name; then the new one takes its place in one step. */
function exchange(prepared: string, path: string, now_ms: number): string | undefined {
  const before = `${path}.before-restore-${new Date(now_ms).toISOString().replaceAll(/[:.]/g, "-")}`;
  const hadOne = existsSync(path);
  if (hadOne) {
    foldWal(path);
    // Left only if the old database is damaged: it stays beside it, under the name SQLite looks for.
    if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${before}-wal`);
    rmSync(`${path}-shm`, { force: true });
    publish(path, before);
  }
  renameSync(prepared, path);
  syncFile(path);
  syncFolder(dirname(path));
  return hadOne ? before : undefined;
}

function foldWal(path: string): void {
  let database: Database.Database | undefined;
  try {
    database = new Database(path);
    database.pragma("wal_checkpoint(TRUNCATE)");
  } catch {
    // Whoever restores a backup may well do so because this database is damaged.
  } finally {
    database?.close();
  }
}

function removeAll(path: string): void {
  for (const ending of ["", "-journal", "-wal", "-shm"]) rmSync(`${path}${ending}`, { force: true });
}

function syncFile(path: string): void {
  const descriptor = openSync(path, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(path: string): void {
  // Windows has no way to sync a folder; there the rename itself has to do.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
