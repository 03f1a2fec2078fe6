import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A durable event, as far as delivery is concerned: its number and its id. */
export type Numbered = readonly [seq: number, id: string];

/**
 * What one client did or saw. `sent`, `kept` (in its outbox), `acked`, `applied` and `forgot` are of the client;
 * `told` (a resume result), `heard` (a live message), `marked` and `left` are of the wire, as the server wrote it, before the
 * client makes anything of it. `connection` counts the sockets of one client.
 */
export type Fact = { readonly client: string } & (
  | { readonly kind: "began"; readonly user_id: string; readonly run: number }
  | { readonly kind: "sent"; readonly client_id: string; readonly text: string }
  | { readonly kind: "kept"; readonly client_id: string }
  | { readonly kind: "refused"; readonly client_id: string; readonly code: string }
  | {
      readonly kind: "acked";
      readonly client_id: string;
      readonly room_id: string;
      readonly epoch: string;
      readonly seq: number;
      readonly id: string;
      readonly duplicate: boolean;
    }
  | ({ readonly kind: "told"; readonly connection: string; readonly room_id: string } & Told)
  | {
      readonly kind: "heard";
      readonly connection: string;
      readonly room_id: string;
      readonly seq: number;
      readonly id: string;
      readonly client_id?: string | undefined;
    }
  | ({ readonly kind: "marked"; readonly connection: string; readonly room_id: string } & Marked)
  | { readonly kind: "left"; readonly connection: string; readonly room_id: string }
  | {
      readonly kind: "applied";
      readonly room_id: string;
      readonly epoch: string;
      readonly events: readonly Numbered[];
    }
  | { readonly kind: "forgot"; readonly room_id: string }
);

/**
 * How far the server says that somebody has received and read a room: as the answer to a mark of the client's own, in a
 * resume that was asked for at `asked_at`, or as a receipt.
 */
export type Marked = {
  readonly user_id: string;
  readonly source: "answer" | "resume" | "receipt";
  readonly delivered?: number | undefined;
  readonly read?: number | undefined;
  readonly head?: number | undefined;
  readonly asked_at?: number | undefined;
};

/** A resume result and the point it was asked for. */
export type Told = {
  readonly status: "ok" | "more" | "reset" | "denied";
  readonly from?: { readonly epoch: string; readonly seq: number } | undefined;
  readonly epoch?: string | undefined;
  /** Of `ok` and `reset` the head, of `more` the next point. */
  readonly upto?: number | undefined;
  readonly events?: readonly Numbered[] | undefined;
  readonly reason?: string | undefined;
};

/** `at` is Unix milliseconds by the clock of the process that saw it; within a history the order is that of the lines. */
export type Entry = Fact & { readonly at: number };

export type Record = (fact: Fact) => void;

/** What one process saw: JSON lines, each handed to the kernel before the call returns, so that kill -9 loses none. */
export class HistoryFile {
  readonly #file: number;

  constructor(path: string) {
    const torn = existsSync(path) && !/(^|\n)$/.test(readFileSync(path, "utf8"));
    this.#file = openSync(path, "a");
    if (torn) writeSync(this.#file, "\n");
  }

  readonly record: Record = (fact) => {
    const at = performance.timeOrigin + performance.now();
    writeSync(this.#file, `${JSON.stringify({ at, ...fact })}\n`);
  };

  close(): void {
    closeSync(this.#file);
  }
}

/** All that was written to one file. A line that was cut off when its process was killed never happened. */
export function readHistory(path: string): Entry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        // Written by HistoryFile above.
        return line === "" ? [] : [JSON.parse(line) as Entry];
      } catch {
        // The torn last line of a killed process.
        return [];
      }
    });
}

/** The histories of a directory, one for each process. */
export function readHistories(directory: string): Entry[][] {
  const names = readdirSync(directory).filter((name) => name.endsWith(".jsonl"));
  return names.sort().map((name) => readHistory(join(directory, name)));
}
