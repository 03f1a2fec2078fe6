import type { Writable } from "node:stream";
import { constants, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as ws from "ws";
import { deflatedFrame, textFrame, textOf } from "../../../../src/server/sockets/text-frame.js";

// The library exports it; its type declarations do not say so.
const { Receiver } = ws as unknown as { readonly Receiver: new (options: object) => Writable };

/** What the library itself reads out of the bytes. */
async function received(bytes: Uint8Array): Promise<string[]> {
  const receiver = new Receiver({ isServer: false, maxPayload: 1 << 24 });
  const texts: string[] = [];
  receiver.on("message", (data: Buffer, isBinary: boolean) => texts.push(isBinary ? "binary" : data.toString()));
  await new Promise<void>((resolve, reject) => {
    receiver.on("error", reject);
    receiver.write(bytes, () => resolve());
  });
  return texts;
}

/** The text of a compressed frame, as RFC 7692 has it read. */
function inflated(frame: Uint8Array): string {
  expect(frame[0]).toBe(0xc1);
  const length = frame[1] ?? 0;
  const payload = frame.subarray(length < 126 ? 2 : length === 126 ? 4 : 10);
  const whole = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH, windowBits: 12 }).toString();
}

describe("a text frame", () => {
  it("is read back by ws at every length of header", async () => {
    for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 70_000]) {
      const text = "x".repeat(length);
      const frame = textFrame(text);
      expect(frame.length).toBe(length + (length < 126 ? 2 : length < 65_536 ? 4 : 10));
      expect(await received(frame)).toEqual([text]);
    }
  });

  it("counts bytes and not characters, and can be joined to others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme", maxLength: 80 }), { maxLength: 5 }), async (texts) => {
        expect(await received(Buffer.concat(texts.map(textFrame)))).toEqual(texts);
      }),
      { numRuns: 50 },
    );
  });
});

/** Texts in parts, some of them short, some of them common to many frames. */
const parts = fc.array(
  fc.tuple(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 1, max: 60 }), fc.boolean()),
  { minLength: 1, maxLength: 5 },
);

describe("a text in parts", () => {
  it("is the same frame as the whole text, or the same text when it is inflated", () => {
    fc.assert(
      fc.property(parts, (drawn) => {
        const texts = drawn.map(([unit, times]) => unit.repeat(times));
        const whole = texts.join("");
        const given = drawn.map(([, , isReady], index) => {
          const text = texts[index] ?? "";
          return isReady ? Buffer.from(text) : text;
        });
        expect(textFrame(given)).toEqual(textFrame(whole));
        for (const time of ["first", "with what the first time left"]) {
          const frame = deflatedFrame(given);
          if (Buffer.byteLength(whole) < 1024) expect(frame, time).toEqual(textFrame(whole));
          else expect(inflated(frame), time).toBe(whole);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is read back by ws", async () => {
    const common = "日本語 ".repeat(5000);
    const ready = Buffer.from(common);
    const frames = ["one", "other"].map((words) => textFrame([words, ready, "!"]));
    expect(await received(Buffer.concat(frames))).toEqual([`one${common}!`, `other${common}!`]);
  });
});

describe("the text of a received message", () => {
  it("is the same in each of its forms", () => {
    const bytes = Buffer.from("日本");
    const copy = new Uint8Array(bytes).buffer;
    expect([textOf(bytes), textOf([bytes.subarray(0, 2), bytes.subarray(2)]), textOf(copy)]).toEqual([
      "日本",
      "日本",
      "日本",
    ]);
  });
});

describe("a compressed frame", () => {
  it("holds the text when it is inflated, and is a plain one when the text is short", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 3000 }), fc.integer({ min: 1, max: 60 }), (unit, times) => {
        const text = unit.repeat(times);
        const frame = Buffer.from(deflatedFrame(text));
        if (Buffer.byteLength(text) < 1024) {
          expect(frame).toEqual(Buffer.from(textFrame(text)));
          return;
        }
        expect(inflated(frame)).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});
