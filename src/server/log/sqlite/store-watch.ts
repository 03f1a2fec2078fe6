import { type FaultReason, LogUnavailable, type StoreHealth } from "../event-log.js";
import { DatabaseUnusable, errorCode } from "./database-unusable.js";
import { type Batch, type BatchReply, FILE_GONE } from "./thread-message.js";

type Fault = Extract<StoreHealth, { status: "degraded" }>;

/** How to find out whether a fault is still there. */
type Trials = {
  readonly write: () => Promise<unknown>;
  readonly read: () => Promise<unknown>;
  readonly isSound: () => Promise<boolean>;
};

/** What time it is (Unix ms), and a clock that never steps, for durations. */
type Clocks = { readonly now: () => number; readonly elapsedMs: () => number };

const CLOCKS: Clocks = { now: Date.now, elapsedMs: () => performance.now() };

/**
 * Watches what becomes of writes and reads, and so knows how the store is. A fault ends with the next success of its
 * kind; damage ends only when the whole database was found sound, for other pages may be well.
 */
export class StoreWatch {
  readonly #clocks: Clocks;
  readonly #isWritable: () => boolean;
  readonly #faults = new Map<Fault["failing"], Fault>();
  #probing: Promise<StoreHealth> | undefined;
  #restUntil = 0;

  /** `isWritable` tells a file that may not be written from a disk that fails: the engine does not. */
  constructor(isWritable: () => boolean, clocks: Clocks = CLOCKS) {
    this.#clocks = clocks;
    this.#isWritable = isWritable;
  }

  /** Writes that fail are what people notice first, so they are told first. */
  get health(): StoreHealth {
    return this.#faults.get("write") ?? this.#faults.get("read") ?? { status: "ok" };
  }

  async commit(batch: Batch, commit: () => Promise<BatchReply>): Promise<BatchReply> {
    try {
      const replies = await commit();
      const failed = replies.find((answer) => "failure" in answer);
      if (failed === undefined) this.#succeeded("write", batch);
      else this.#failed("write", reasonOfCode(failed.failure.code));
      return replies;
    } catch (error) {
      this.#failed("write", reasonOf(error));
      throw error;
    }
  }

  async read<Reply>(read: () => Promise<Reply>): Promise<Reply> {
    try {
      const reply = await read();
      this.#succeeded("read");
      return reply;
    } catch (error) {
      this.#failed("read", reasonOf(error));
      throw error;
    }
  }

  /** One at a time, and, however often somebody asks, for a tenth of the time at most: to read everything is dear. */
  probe(trials: Trials): Promise<StoreHealth> {
    const begun = this.#clocks.elapsedMs();
    if (this.#probing === undefined && begun < this.#restUntil) return Promise.resolve(this.health);
    this.#probing ??= this.#probe(trials).finally(() => {
      this.#probing = undefined;
      const ended = this.#clocks.elapsedMs();
      this.#restUntil = ended + 10 * (ended - begun);
    });
    return this.#probing;
  }

  async #probe({ write, read, isSound }: Trials): Promise<StoreHealth> {
    for (const failing of ["write", "read"] as const) {
      const reason = this.#faults.get(failing)?.reason;
      if (reason === undefined) continue;
      try {
        if (reason === "corrupt" && (await isSound())) this.#faults.delete(failing);
        else if (reason !== "corrupt") await (failing === "write" ? write() : read());
      } catch {
        // It is still so: the fault stays, and was counted by the trial itself.
      }
    }
    return this.health;
  }

  #succeeded(kind: Fault["failing"], batch?: Batch): void {
    // A sweep that finds nothing to do writes nothing, and a look never does.
    if (batch?.every(({ op }) => op === "sweep" || op === "end_run" || op === "look") === true) return;
    if (this.#faults.get(kind)?.reason !== "corrupt") this.#faults.delete(kind);
  }

  #failed(failing: Fault["failing"], said: FaultReason | undefined): void {
    if (said === undefined) return;
    const reason = said === "io" && failing === "write" && !this.#isWritable() ? "read_only" : said;
    const known = this.#faults.get(failing);
    if (known?.reason === reason || known?.reason === "corrupt") return;
    this.#faults.set(failing, { status: "degraded", reason, failing, since_ms: known?.since_ms ?? this.#clocks.now() });
  }
}

function reasonOf(error: unknown): FaultReason | undefined {
  const cause = error instanceof LogUnavailable ? error.cause : error;
  if (cause instanceof DatabaseUnusable) {
    if (cause.reason === "corrupt") return "corrupt";
    if (cause.reason === "gone") return "file_gone";
    return cause.reason === "not_writable" ? "read_only" : "io";
  }
  return reasonOfCode(errorCode(cause));
}

/** Undefined for what is not the store's fault, such as one message it refuses. */
function reasonOfCode(code = ""): FaultReason | undefined {
  if (code === FILE_GONE) return "file_gone";
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return "disk_full";
  if (/^SQLITE_(READONLY|PERM|AUTH)/.test(code)) return "read_only";
  if (/^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(code)) return "locked";
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return "corrupt";
  return /^SQLITE_(IOERR|CANTOPEN)/.test(code) ? "io" : undefined;
}
