// A second hub on the same database would number its messages twice. The kernel frees the lock however its holder ends.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import * as z from "zod";
import { errorCode, toDatabaseUnusable } from "./database-unusable.js";

const holderSchema = z.object({
  pid: z.int(),
  version: z.string(),
  /** RFC 3339. */
  since: z.string(),
  url: z.string().optional(),
});

/** Who has a database. `url` is there once it listens. */
export type Holder = Readonly<z.infer<typeof holderSchema>>;

/** Another hub has the database. `holder` is missing if it died, or started, within this moment. */
export class DatabaseLocked extends Error {
  override readonly name = "DatabaseLocked";
  readonly path: string;
  readonly holder: Holder | undefined;

  constructor(path: string, holder: Holder | undefined) {
    super(
      `the database ${path} is in use by ${describe(holder)} (stop it first, or name another file with --database)`,
    );
    this.path = path;
    this.holder = holder;
  }
}

/**
 * The lock of one database, held until `release`.
 * It is a transaction that never ends, on the empty file `<path>.lock`; who holds it stands in `<path>.holder`. They
 * are two files because to commit a holder's new address would let go of the lock for a moment.
 */
export class DatabaseLock {
  readonly #path: string;
  readonly #connection: Database.Database;
  #holder: Holder;

  private constructor(path: string, connection: Database.Database, holder: Holder) {
    this.#path = path;
    this.#connection = connection;
    this.#holder = holder;
  }

  /** Takes the lock of the database at `path`. Rejects with DatabaseLocked or DatabaseUnusable. */
  static async take(path: string, holder: Omit<Holder, "since">): Promise<DatabaseLock> {
    const connection = await connect(path);
    const lock = new DatabaseLock(path, connection, { ...holder, since: new Date().toISOString() });
    lock.#write();
    return lock;
  }

  /** Tells those who find the database locked where its hub listens. */
  announce(url: string): void {
    this.#holder = { ...this.#holder, url };
    this.#write();
  }

  release(): void {
    if (!this.#connection.open) return;
    this.#forget(`${this.#path}.holder`);
    this.#connection.close();
  }

  #write(): void {
    const written = `${this.#path}.holder.${this.#holder.pid}`;
    try {
      writeFileSync(written, `${JSON.stringify(this.#holder)}\n`, { mode: 0o600 });
      renameSync(written, `${this.#path}.holder`);
    } catch {
      // The disk may be full. To be named is a courtesy, no condition: better nobody than an earlier holder.
      this.#forget(written);
      this.#forget(`${this.#path}.holder`);
    }
  }

  #forget(file: string): void {
    try {
      rmSync(file, { force: true });
    } catch {
      // A folder that may not be written any more; the file decides nothing.
    }
  }
}

/** Who said last that it holds the database at `path`. It may have been killed since. */
export function readHolder(path: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(`${path}.holder`, "utf8")));
  } catch {
    // Missing, or not written by us: nobody says anything, and the lock alone decides.
    return undefined;
  }
}

const RETRIES = 20;
const RETRY_MS = 50;

// A live holder refuses at once. One that has written nothing yet, or is being torn down, gets a second.
async function connect(path: string): Promise<Database.Database> {
  for (let attempt = 0; ; attempt += 1) {
    const connection = tryToLock(path);
    if (connection !== undefined) return connection;
    const holder = readHolder(path);
    if (attempt === RETRIES || (holder !== undefined && isAlive(holder.pid))) throw new DatabaseLocked(path, holder);
    await sleep(RETRY_MS);
  }
}

function tryToLock(path: string): Database.Database | undefined {
  let connection: Database.Database | undefined;
  try {
    connection = new Database(`${path}.lock`, { timeout: 0 });
    // Nothing is ever written to it, so it needs no journal file either.
    connection.pragma("journal_mode = OFF");
    connection.exec("BEGIN IMMEDIATE");
    return connection;
  } catch (error) {
    connection?.close();
    if (errorCode(error)?.startsWith("SQLITE_BUSY")) return undefined;
    throw toDatabaseUnusable(error, path);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

function describe(holder: Holder | undefined): string {
  if (holder === undefined) return "another hub";
  const place = holder.url === undefined ? "" : `, at ${holder.url}`;
  return `the hub with process id ${holder.pid}${place}, since ${holder.since}`;
}
