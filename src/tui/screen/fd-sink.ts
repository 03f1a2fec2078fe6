import { constants, openSync, write, writeSync } from "node:fs";
import type { Schedule } from "../keys/key-reader.js";
import type { ByteSink } from "./screen-writer.js";

const RETRY_MS = 10;
const MAX_SYNC_RETRIES = 40;

/** What of node:fs writes a file descriptor. */
export type FileWriter = {
  readonly write: (fd: number, bytes: Uint8Array, done: (error: Error | null, written: number) => void) => void;
};

/**
 * A descriptor of the program's own for the terminal, which never blocks; `fallbackFd` where there is no controlling
 * terminal. A write that waits on a blocking one could not be cancelled: its thread would keep even `process.exit` from
 * ending. And making the inherited one non-blocking would make it so for the shell as well.
 */
export function openTerminal(fallbackFd: number): number {
  try {
    return openSync("/dev/tty", constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // No controlling terminal, or a system without /dev/tty: what was inherited works, but for the case above.
    return fallbackFd;
  }
}

/**
 * Bytes to a file descriptor on a thread of the pool. A terminal's stream in Node writes in the event loop, so one that
 * stops reading (Ctrl-S, a hung line) stops the program; here it only keeps its own frame waiting.
 */
export function fdSink(fd: number, schedule: Schedule, files: FileWriter = { write }): ByteSink {
  const writeAll = (bytes: Uint8Array, done: (error?: Error) => void): void => {
    files.write(fd, bytes, (error, written) => {
      if (isBusy(error)) schedule(RETRY_MS, () => writeAll(bytes, done));
      else if (error !== null) done(error);
      else if (written < bytes.length) writeAll(bytes.subarray(written), done);
      else done();
    });
  };
  return { write: writeAll };
}

/**
 * Writes at once, for entering and leaving, where the program may end right after. A terminal that is gone or stays
 * full is given up silently: there is nobody left to show anything to.
 */
export function writeNow(fd: number, text: string): void {
  let rest = new TextEncoder().encode(text);
  for (let retries = 0; rest.length > 0 && retries < MAX_SYNC_RETRIES; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isBusy(error)) return;
      retries += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "EAGAIN" || error.code === "EINTR";
}
