import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { HubMessage, HubUsage, HubWord, StoreKind } from "./hub-child.js";

type Setup = {
  /** As `taskset -c` takes them. */
  readonly cores?: string | undefined;
  /** The directory of a built checkout. */
  readonly build?: string | undefined;
};

/** A hub in a process of its own, with a database of its own in the directory for temporary files. */
export class MeasuredHub {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(port: number, parts: { readonly process: ChildProcess; readonly directory: string }) {
    this.port = port;
    this.#process = parts.process;
    this.#directory = parts.directory;
  }

  /** Starts one of these sources, or of the built checkout named, on the cores named, and resolves when it listens. */
  static async start(kind: StoreKind, { cores, build }: Setup = {}): Promise<MeasuredHub> {
    const directory = mkdtempSync(join(tmpdir(), "mangahub-bench-"));
    const pinned = cores === undefined ? {} : { execPath: "taskset", execArgv: ["-c", cores, process.execPath] };
    // This very program, see main.ts.
    const role = ["hub", kind, databaseIn(directory), ...(build === undefined ? [] : [build])];
    const child = fork(process.argv[1] ?? "", role, { execArgv: [], ...pinned });
    const message = await answerOf(child);
    if (message.type !== "listening") throw new Error(`the hub said ${message.type} before it listened`);
    return new MeasuredHub(message.port, { process: child, directory });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What it has used, once it has done what the word says. */
  async usage(word: HubWord = "usage"): Promise<HubUsage> {
    this.#process.send(word);
    const message = await answerOf(this.#process);
    if (message.type !== "usage") throw new Error(`the hub said ${message.type} instead of its usage`);
    return message;
  }

  /** How large it is once its garbage has been collected: MB (1e6 bytes), and open file descriptors (Linux; else NaN). */
  async sizes() {
    const { heap, external, resident } = await this.usage("collect");
    const fds = `/proc/${this.pid}/fd`;
    return {
      heap_mb: heap / 1e6,
      external_mb: external / 1e6,
      resident_mb: resident / 1e6,
      descriptors: existsSync(fds) ? readdirSync(fds).length : Number.NaN,
      wal_mb: (statSync(`${databaseIn(this.#directory)}-wal`, { throwIfNoEntry: false })?.size ?? 0) / 1e6,
    };
  }

  /** Kills it as a crash would, and answers how many messages its database then holds; undefined without one. */
  async kill(): Promise<number | undefined> {
    this.#process.kill("SIGKILL");
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, "exit");
    try {
      return countMessages(databaseIn(this.#directory));
    } finally {
      rmSync(this.#directory, { recursive: true, force: true });
    }
  }
}

/** Messages in a hub's database, those with this text if one is given; undefined if there is no database. */
export function countMessages(path: string, text?: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const database = new Database(path);
  try {
    const where = text === undefined ? "" : "WHERE message = ?";
    return Number(
      database
        .prepare(`SELECT count(*) FROM chat_messages ${where}`)
        .pluck()
        .get(...(text === undefined ? [] : [text])),
    );
  } finally {
    database.close();
  }
}

function databaseIn(directory: string): string {
  return join(directory, "hub.db");
}

async function answerOf(child: ChildProcess): Promise<HubMessage> {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`the hub ended with exit code ${String(code)}`);
  });
  try {
    const [message] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
    // Only hub-child.ts writes to this channel.
    return message as HubMessage;
  } finally {
    exit.catch(() => undefined);
    ended.abort();
  }
}
