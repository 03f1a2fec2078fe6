import { execFileSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { constants, read as readFrom, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type FileWriter, fdSink, writeNow } from "../../src/tui/screen/fd-sink.js";

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A descriptor that answers as told: a number of bytes taken, or an error. */
function scripted(answers: (number | string)[]): { readonly files: FileWriter; readonly taken: string[] } {
  const taken: string[] = [];
  const files: FileWriter = {
    write: (_fd, bytes, done) => {
      const answer = answers.shift() ?? bytes.length;
      if (typeof answer === "string") {
        done(failure(answer), 0);
        return;
      }
      taken.push(new TextDecoder().decode(bytes.subarray(0, answer)));
      done(null, answer);
    },
  };
  return { files, taken };
}

function inTemporaryFile(use: (fd: number, path: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mangahub-sink-"));
  const path = join(folder, "out");
  const fd = openSync(path, "w");
  return Promise.resolve(use(fd, path)).finally(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
}

describe("the sink of a descriptor", () => {
  it("goes on where a write stopped, and tries again later when the descriptor is full", () => {
    const waits: number[] = [];
    const { files, taken } = scripted([2, "EAGAIN", 1]);
    let result: string | undefined;
    const sink = fdSink(1, (delayMs, run) => (waits.push(delayMs), run(), () => undefined), files);
    sink.write(new TextEncoder().encode("abcdef"), (error) => {
      result = error?.message ?? "done";
    });
    expect([taken, waits, result]).toEqual([["ab", "c", "def"], [10], "done"]);
  });

  it("reports a terminal that is gone", () => {
    const { files } = scripted(["EIO"]);
    let reported: Error | undefined;
    fdSink(1, () => () => undefined, files).write(new Uint8Array(1), (error) => {
      reported = error;
    });
    expect(reported?.message).toBe("EIO");
  });

  it("writes a real descriptor, all of it", async () => {
    await inTemporaryFile(async (fd, path) => {
      const bytes = new TextEncoder().encode("国".repeat(50_000));
      await new Promise<void>((resolve, reject) => {
        fdSink(fd, () => () => undefined).write(bytes, (error) => (error === undefined ? resolve() : reject(error)));
      });
      expect(readFileSync(path)).toHaveLength(150_000);
    });
  });
});

describe("a terminal that stops reading", () => {
  it("keeps its own write waiting and nothing else, and gets all of it in the end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mangahub-sink-"));
    const path = join(folder, "fifo");
    execFileSync("mkfifo", [path]);
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const bytes = new Uint8Array(300_000).fill(65);
    let isDone = false;
    let retry: (() => void) | undefined;
    const full = new EventEmitter();
    const sink = fdSink(fd, (_delayMs, run) => {
      retry = run;
      full.emit("full");
      return () => undefined;
    });
    const isFull = once(full, "full");
    const done = new Promise<void>((resolve, reject) => {
      sink.write(bytes, (error) => {
        isDone = true;
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    await isFull;
    expect(isDone).toBe(false);
    for (let read = 0; read < bytes.length; ) {
      const length = await readSome(fd);
      read += length;
      const due = length === 0 ? retry : undefined;
      if (due === undefined) continue;
      retry = undefined;
      due();
    }
    await done;
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
});

/** Bytes that were there to be read; 0 if the pipe is empty. */
function readSome(fd: number): Promise<number> {
  return new Promise((resolve, reject) => {
    readFrom(fd, (error, length) => {
      if (error === null) resolve(length);
      else if (error.code === "EAGAIN") resolve(0);
      else reject(error);
    });
  });
}

describe("writing at once", () => {
  it("is done when it returns, and silent about a terminal that is gone", async () => {
    await inTemporaryFile((fd, path) => {
      writeNow(fd, "restored 国");
      expect(readFileSync(path, "utf8")).toBe("restored 国");
    });
    expect(() => writeNow(1_000_000, "x")).not.toThrow();
  });
});
