// A second hub on the same database would number its messages twice. The kernel frees the lock however its holder ends.
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { errorCode, toDatabaseUnusable } from "./database-unusable.js";
import { fileId } from "./file-id.js";
import { DatabaseLocked, type Holder, isAlive, readHolder } from "./holder.js";
import { makePrivateFile } from "./open-database.js";

/**
 * The lock of one database, held until `release`.
 * It is a transaction that never ends, on the empty file `<path>.lock`; who holds it stands in `<path>.holder`. They
 * are two files because to commit a holder's new address would let go of the lock for a moment. It keeps out who comes by
 * the same name; who comes by another name of the file is kept out by `database-claim`.
 */
export class DatabaseLock {
  readonly #path: string;
  #locked: Locked;
  #holder: Holder;

  private constructor(path: string, locked: Locked, holder: Holder) {
    this.#path = path;
    this.#locked = locked;
    this.#holder = holder;
  }

  /** Takes the lock of the database at `path`. Rejects with DatabaseLocked or DatabaseUnusable. */
  static async take(path: string, holder: Omit<Holder, "since">): Promise<DatabaseLock> {
    const locked = await waitForLock(path);
    const lock = new DatabaseLock(path, locked, { ...holder, since: new Date().toISOString() });
    lock.#write();
    return lock;
  }

  /** Who has it: we. */
  get holder(): Holder {
    return this.#holder;
  }

  /** Tells those who find the database locked where its hub listens. */
  announce(url: string): void {
    this.#holder = { ...this.#holder, url };
    this.#write();
  }

  /** Locks anew if somebody has removed the lock's file. */
  keep(): void {
    if (!this.#locked.connection.open || fileId(`${this.#path}.lock`) === this.#locked.file) return;
    try {
      const locked = tryToLock(this.#path);
      if (locked === undefined) return;
      this.#locked.connection.close();
      this.#locked = locked;
      this.#write();
    } catch {
      // Its folder may be gone as well. The next time tries again, and the database itself names us.
    }
  }

  release(): void {
    if (!this.#locked.connection.open) return;
    this.#forget(`${this.#path}.holder`);
    this.#locked.connection.close();
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

type Locked = { readonly connection: Database.Database; readonly file: string | undefined };

const RETRIES = 20;
const RETRY_MS = 50;

// A live holder refuses at once. One that has written nothing yet, or is being torn down, gets a second.
async function waitForLock(path: string): Promise<Locked> {
  for (let attempt = 0; ; attempt += 1) {
    const locked = tryToLock(path);
    if (locked !== undefined) return locked;
    const holder = readHolder(path);
    if (attempt === RETRIES || (holder !== undefined && isAlive(holder.pid))) throw new DatabaseLocked(path, holder);
    await sleep(RETRY_MS);
  }
}

function tryToLock(path: string): Locked | undefined {
  const file = `${path}.lock`;
  let connection: Database.Database | undefined;
  try {
    makePrivate(file);
    connection = new Database(file, { timeout: 0 });
    // Nothing is ever written to it, so it needs no journal file either.
    connection.pragma("journal_mode = OFF");
    connection.exec("BEGIN IMMEDIATE");
    return { connection, file: fileId(file) };
  } catch (error) {
    connection?.close();
    if (errorCode(error)?.startsWith("SQLITE_BUSY")) return undefined;
    throw toDatabaseUnusable(error, path);
  }
}

/** One of an earlier build may be open to others. */
function makePrivate(file: string): void {
  makePrivateFile(file);
  try {
    chmodSync(file, 0o600);
  } catch {
    // Somebody else's file, or a read-only file system: whether it can be locked decides the engine.
  }
}
