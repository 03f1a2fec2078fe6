// Runs in the writer's thread.
import { type BigIntStats, closeSync, openSync, readSync } from "node:fs";
import { fileStats, idOf } from "./file-id.js";

/** How long what was seen is taken for so, ms. */
const FRESH_MS = 250;

/** Checkpoints that this connection has run, the frames of the WAL, and how many of them anybody has checkpointed. */
export type Checkpoints = { readonly runs: number; readonly log: number; readonly checkpointed: number };

/** `salt`: the first salt of the WAL's header, which grows by one each time that the WAL is reset; undefined while it is empty. */
type WalState = Checkpoints & { readonly salt: number | undefined };

/** `isWrittenOver`: the file is still the same, but its content is somebody else's. */
export type FileFault = { readonly message: string; readonly isWrittenOver: boolean };

type Parts = {
  readonly path: string;
  /** In ms, of a clock that never steps. */
  readonly now: () => number;
  readonly checkpoints: () => Checkpoints;
};

/**
 * Whether the files that are open are still those at their path, and hold what was written to them. The engine does not
 * ask: it goes on writing to files that were removed, and over a backup that was copied into the database's place.
 */
export class FileWatch {
  readonly #parts: Parts;
  readonly #ids: { readonly database: string | undefined; readonly wal: string | undefined };
  #stamp: string;
  #wal: WalState;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #fault: FileFault | undefined;

  /** The files at `path` are taken for those that were opened just now. */
  constructor(parts: Parts) {
    this.#parts = parts;
    const database = fileStats(parts.path);
    this.#ids = { database: database && idOf(database), wal: this.#walId() };
    this.#stamp = stampOf(database);
    this.#wal = this.#walState();
  }

  /** What is wrong, or undefined. `anew` looks even if it has been looked at within the last quarter of a second. */
  look(anew = false): FileFault | undefined {
    const now = this.#parts.now();
    if (!anew && now - this.#lookedAt < FRESH_MS) return this.#fault;
    this.#lookedAt = now;
    this.#fault = this.#find();
    return this.#fault;
  }

  #find(): FileFault | undefined {
    const { path } = this.#parts;
    const database = fileStats(path);
    if (database === undefined) return gone(`${path} was removed or renamed (put it back, or restart the hub)`);
    if (idOf(database) !== this.#ids.database)
      return gone(`another file stands at ${path} (restart the hub to use it)`);
    if (this.#walId() !== this.#ids.wal) return gone(`${path}-wal was removed or replaced (restart the hub)`);
    if (!this.#isForeign(database)) return undefined;
    return { message: `another program has written over ${path} (restart the hub)`, isWrittenOver: true };
  }

  /** Only a checkpoint changes the database's file, and that can be told from the WAL. */
  #isForeign(database: BigIntStats): boolean {
    const stamp = stampOf(database);
    const [before, wal] = [this.#wal, this.#walState()];
    this.#wal = wal;
    // Windows tells the time of a write when the file is closed.
    const isExplained = wasCheckpointed(before, wal) || process.platform === "win32";
    if (stamp !== this.#stamp && !isExplained) return true;
    this.#stamp = stamp;
    return false;
  }

  #walState(): WalState {
    return { ...this.#parts.checkpoints(), salt: saltOf(`${this.#parts.path}-wal`) };
  }

  #walId(): string | undefined {
    const wal = fileStats(`${this.#parts.path}-wal`);
    return wal && idOf(wal);
  }
}

function gone(message: string): FileFault {
  return { message, isWrittenOver: false };
}

/** Whether there was a checkpoint between two looks: by us, or by another program that uses the database as it should. */
function wasCheckpointed(before: WalState, { runs, checkpointed, salt }: WalState): boolean {
  if (runs !== before.runs) return true;
  if (salt === before.salt) return checkpointed > before.checkpointed;
  if (salt === undefined) return true;
  // It is reset once all of it is checkpointed: before the first reset that may have been so already.
  const resets = before.salt === undefined ? 1 : salt - before.salt;
  return resets !== 1 || before.log > before.checkpointed;
}

/** Nobody locks a WAL, so it may be opened. */
function saltOf(wal: string): number | undefined {
  const header = Buffer.alloc(32);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(wal, "r");
    return readSync(descriptor, header) < header.length ? undefined : header.readUInt32BE(16);
  } catch {
    // Gone: that is seen by its identity.
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function stampOf(stats: BigIntStats | undefined): string {
  return `${stats?.mtimeNs}:${stats?.size}`;
}
