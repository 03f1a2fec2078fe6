import { describe, expect, it } from "vitest";
import type { Frame } from "../../../../src/tui/screen/frame.js";
import { ScreenWriter } from "../../../../src/tui/screen/screen-writer.js";

function frame(text: string): Frame {
  return { columns: 20, rows: 1, lines: [text], cursor: undefined };
}

/** A terminal that takes a write when the test lets it. */
function createWriter() {
  const writes: string[] = [];
  const pending: ((error?: Error) => void)[] = [];
  const errors: Error[] = [];
  const sink = {
    write: (bytes: Uint8Array, done: (error?: Error) => void) => {
      writes.push(new TextDecoder().decode(bytes));
      pending.push(done);
    },
  };
  const writer = new ScreenWriter({ sink, onError: (error) => errors.push(error) });
  return { writer, writes, errors, take: (error?: Error) => pending.shift()?.(error) };
}

describe("the screen writer", () => {
  it("has one frame under way, and of those that wait only the newest", () => {
    const { writer, writes, take } = createWriter();
    for (const text of ["one", "two", "three", "four"]) writer.paint(frame(text));
    expect(writes).toHaveLength(1);
    take();
    expect(writes).toHaveLength(2);
    expect(writes[1]).toContain("four");
    take();
    expect(writes).toHaveLength(2);
  });

  it("writes nothing when nothing changed, and everything after it was told to forget", () => {
    const { writer, writes, take } = createWriter();
    writer.paint(frame("same"));
    take();
    writer.paint(frame("same"));
    expect(writes).toHaveLength(1);
    writer.forget();
    writer.paint(frame("same"));
    expect(writes).toHaveLength(2);
  });

  it("paints the waiting frame whole if the screen was lost while another was under way", () => {
    const { writer, writes, take } = createWriter();
    writer.paint(frame("same"));
    writer.forget();
    writer.paint(frame("same"));
    take();
    expect(writes[1]).toContain("same");
  });

  it("keeps the newest frame while somebody else has the screen, and then paints it whole", () => {
    const { writer, writes, take } = createWriter();
    writer.paint(frame("one"));
    writer.pause();
    writer.paint(frame("two"));
    take();
    writer.paint(frame("one"));
    expect(writes).toHaveLength(1);
    writer.resume();
    expect(writes).toHaveLength(2);
    expect(writes[1]).toContain("one");
    take();
    writer.pause();
    writer.resume();
    expect(writes).toHaveLength(2);
  });

  it("tells when it is idle", async () => {
    const { writer, take } = createWriter();
    await writer.idle();
    writer.paint(frame("one"));
    writer.paint(frame("two"));
    let isIdle = false;
    const idle = writer.idle().then(() => {
      isIdle = true;
    });
    take();
    await Promise.resolve();
    expect(isIdle).toBe(false);
    take();
    await idle;
  });

  it("stops when the terminal is gone, and says so once", async () => {
    const { writer, writes, errors, take } = createWriter();
    writer.paint(frame("one"));
    writer.paint(frame("two"));
    take(new Error("gone"));
    writer.paint(frame("three"));
    expect(errors.map((error) => error.message)).toEqual(["gone"]);
    expect(writes).toHaveLength(1);
    await writer.idle();
  });

  it("paints nothing once it is closed, but lets what is under way end", async () => {
    const { writer, writes, take } = createWriter();
    writer.paint(frame("one"));
    writer.paint(frame("two"));
    writer.close();
    const idle = writer.idle();
    take();
    await idle;
    expect(writes).toHaveLength(1);
  });
});

describe("the bell of the screen writer", () => {
  it("rings at once when nothing is under way, else with what comes next", () => {
    const { writer, writes, take } = createWriter();
    writer.ring();
    expect(writes).toEqual(["\u0007"]);
    writer.ring();
    writer.ring();
    writer.paint(frame("one"));
    take();
    expect(writes).toHaveLength(2);
    expect(writes[1]).toMatch(/^\u0007[^\u0007]*one[^\u0007]*$/);
  });

  it("rings after what is under way, and never while somebody else has the screen", () => {
    const { writer, writes, take } = createWriter();
    writer.paint(frame("one"));
    writer.ring();
    take();
    expect(writes.slice(1)).toEqual(["\u0007"]);
    take();
    writer.pause();
    writer.ring();
    expect(writes).toHaveLength(2);
    writer.close();
    writer.ring();
    expect(writes).toHaveLength(2);
  });
});
