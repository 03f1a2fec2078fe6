// Runs in the writer's thread, before it opens the database.
import { existsSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { DatabaseUnusable, errorCode } from "./database-unusable.js";
import { fileStats } from "./file-id.js";
import { type Claim, isAlive, parseClaim } from "./holder.js";
import { checkVersion } from "./migrations.js";
import { makePrivateFile } from "./open-database.js";
import { mustBeOurs } from "./schema-objects.js";

/** How long a hub that is found to have the file is given to end, ms; and those who only read it to go away. */
const PATIENCE_MS = 2000;
const RETRY_MS = 50;
/** So long after its claim a hub may not have opened the file yet, ms. */
const OPENING_MS = 10_000;
/** A WAL of no more than its header holds nothing. */
const EMPTY_WAL_BYTES = 32;

/**
 * Makes sure that no other hub has the file at `path` open, by whatever name, and writes into it that we have. The kernel's
 * lock on the file tells whether anybody has it open, the claim in it whether that is a hub or only somebody who reads.
 * Answers with the claim of the hub that has it, or undefined. Throws DatabaseUnusable for a file with a second name, or one that was taken from its WAL.
 */
export function claimDatabase(path: string, claim: Claim): Claim | undefined {
  mustHaveOneName(path);
  mustHaveItsFile(path);
  makePrivateFile(path);
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const other = tryToClaim(path, claim);
    if (other === undefined || performance.now() >= deadline) return other;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
  }
}

/** Writes the claim where there was no place for it before: into a database that has just been made. */
export function claimOpened(database: Database.Database, claim: Claim): void {
  if (readClaim(database)?.token === claim.token) return;
  try {
    putClaim(database, claim);
  } catch {
    // A full disk: what can be read is to be served all the same.
  }
}

/** Other programs copy a file with two names, remove one, or give each a WAL of its own. */
function mustHaveOneName(path: string): void {
  if ((fileStats(path)?.nlink ?? 1n) <= 1n) return;
  const message =
    `the database ${path} has a second name, a hard link, under which another hub would write beside this one ` +
    `(find it with: find DIR -samefile ${path}; remove one of the two, or copy it with mangahub db backup)`;
  throw new DatabaseUnusable({ reason: "not_writable", path, message });
}

/** To make a new file beside an old WAL would throw away what is in it. */
function mustHaveItsFile(path: string): void {
  const wal = `${path}-wal`;
  if (existsSync(path) || !existsSync(wal) || statSync(wal).size <= EMPTY_WAL_BYTES) return;
  const message =
    `the database ${path} is gone, but messages of it are in ${wal} ` +
    "(put it back beside that file, or remove that file as well to begin anew)";
  throw new DatabaseUnusable({ reason: "gone", path, message });
}

/** The hub that has the file; undefined once it is claimed, or only read by others. */
function tryToClaim(path: string, claim: Claim): Claim | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { timeout: 0 });
    database.pragma("locking_mode = EXCLUSIVE");
    database.exec("BEGIN EXCLUSIVE");
    checkVersion(database);
    mustBeOurs(database);
    const before = readClaim(database);
    if (before !== undefined && isOpening(before, claim)) return before;
    if (hasMetaTable(database)) putClaim(database, claim);
    database.exec("COMMIT");
    return undefined;
  } catch (error) {
    // What else is wrong with it is said by who opens it.
    if (errorCode(error)?.startsWith("SQLITE_BUSY") !== true) return undefined;
  } finally {
    database?.close();
  }
  return livingClaim(path, claim);
}

function livingClaim(path: string, claim: Claim): Claim | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: PATIENCE_MS });
    const other = readClaim(database);
    if (other === undefined || other.token === claim.token) return undefined;
    return other.host === claim.host && !isAlive(other.pid) ? undefined : other;
  } catch {
    // As above.
    return undefined;
  } finally {
    database?.close();
  }
}

/** Whether it has claimed the file a moment ago and is about to open it. */
function isOpening(other: Claim, { host, pid }: Claim): boolean {
  const age_ms = Date.now() - Date.parse(other.since);
  return other.host === host && other.pid !== pid && isAlive(other.pid) && Math.abs(age_ms) < OPENING_MS;
}

function hasMetaTable(database: Database.Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'").get() !== undefined;
}

function readClaim(database: Database.Database): Claim | undefined {
  if (!hasMetaTable(database)) return undefined;
  const row = database.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'claim'").get();
  return row === undefined ? undefined : parseClaim(row.value);
}

function putClaim(database: Database.Database, claim: Claim): void {
  database
    .prepare("INSERT INTO meta (key, value) VALUES ('claim', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
    .run(JSON.stringify(claim));
}
