import { chmodSync, closeSync, lstatSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { makeFolder } from "../files/make-folder.js";
import { LocalStoreUnusable, toLocalStoreUnusable } from "./local-store-unusable.js";
import { migrate } from "./migrations.js";

/** How long one process waits for another's transaction; they take milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/** `durable`: each commit is on the disk. `relaxed`: the last ones may be lost with the power, for what can be had again. */
export type Durability = "durable" | "relaxed";

type Value = string | number | null;

/** One connection to the store's file, whose engine errors come out as LocalStoreUnusable. */
export class LocalDatabase {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>();
  readonly #path: string;

  constructor(database: Database.Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Runs a statement that changes something; says how many rows it changed. */
  run(sql: string, values: readonly Value[]): number {
    return this.#guard(() => this.#prepare(sql).run(...values).changes);
  }

  /** The rows of a query; their shape is the query's own affair, and its caller names it. */
  all<Row>(sql: string, values: readonly Value[]): readonly Row[] {
    // The columns are named in the statement beside the type.
    return this.#guard(() => this.#prepare(sql).all(...values) as Row[]);
  }

  get<Row>(sql: string, values: readonly Value[]): Row | undefined {
    return this.all<Row>(sql, values)[0];
  }

  /** Runs the work in one transaction that nobody else's writes interleave with. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).immediate());
  }

  /** Takes what was overwritten or deleted out of the log of changes as well, unless another process is reading it. */
  forgetOverwritten(): void {
    this.#guard(() => this.#database.pragma("wal_checkpoint(TRUNCATE)"));
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): Database.Statement<unknown[], unknown> {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#database.prepare<unknown[], unknown>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toLocalStoreUnusable(error, this.#path);
    }
  }
}

/** Opens the store's file, made for this user alone if it is missing. Throws LocalStoreUnusable. */
export function openLocalDatabase(path: string, durability: Durability): LocalDatabase {
  let database: Database.Database | undefined;
  try {
    makePrivate(path);
    database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    migrate(database);
    switchToWal(database);
    database.pragma(`synchronous = ${durability === "durable" ? "FULL" : "NORMAL"}`);
    database.pragma("foreign_keys = ON");
    database.pragma("secure_delete = ON");
    return new LocalDatabase(database, path);
  } catch (error) {
    database?.close();
    throw toLocalStoreUnusable(error, path);
  }
}

// The file holds keys and private messages. The engine gives its companions (-wal, -shm) the same permissions.
function makePrivate(path: string): void {
  makeFolder(dirname(path));
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (lstatSync(path).isSymbolicLink()) makeTarget(path);
    else if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  }
}

/** A link may lead to a file that is still to be made. What is there was made by others, and keeps its permissions. */
function makeTarget(path: string): void {
  closeSync(openSync(path, "a", 0o600));
  if ((statSync(path).mode & 0o077) === 0) return;
  const message = `${path} is a link to ${realpathSync(path)}, which others may read: change that (chmod 600), or name another folder with --data-dir`;
  throw new LocalStoreUnusable("blocked", path, { message });
}

/** The change to WAL does not wait for others as statements do, so a few processes that begin at once take turns here. */
function switchToWal(database: Database.Database): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      const busy = error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
      if (!busy || attempt === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
