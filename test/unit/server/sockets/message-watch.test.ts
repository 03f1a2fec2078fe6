import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageWatch } from "../../../../src/server/sockets/message-watch.js";

type Frame = { readonly opcode: number; readonly isLast: boolean; readonly size: number; readonly isMasked: boolean };

function bytesOf({ opcode, isLast, size, isMasked }: Frame): Buffer {
  const extended = size < 126 ? Buffer.alloc(0) : Buffer.alloc(size < 65_536 ? 2 : 8);
  if (extended.length === 2) extended.writeUInt16BE(size);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(size));
  const length = extended.length === 0 ? size : extended.length === 2 ? 126 : 127;
  const head = Buffer.from([(isLast ? 0x80 : 0) | opcode, (isMasked ? 0x80 : 0) | length]);
  // The payload looks like headers, to lead astray whoever loses count.
  return Buffer.concat([head, extended, Buffer.alloc(isMasked ? 4 : 0, 0x81), Buffer.alloc(size, 0x81)]);
}

const text = (size: number, parts: Partial<Frame> = {}): Buffer =>
  bytesOf({ opcode: 1, isLast: true, size, isMasked: true, ...parts });
const ping = bytesOf({ opcode: 9, isLast: true, size: 3, isMasked: true });

describe("the watch over a socket's messages", () => {
  it("knows since when a message is arriving, and that it has ended", () => {
    const watch = new MessageWatch();
    const first = text(200);
    watch.take(first.subarray(0, 1), 1);
    expect(watch.unfinished_since).toBe(1);
    watch.take(first.subarray(1, 100), 2);
    expect(watch.unfinished_since).toBe(1);
    watch.take(Buffer.concat([first.subarray(100), text(5).subarray(0, 3)]), 3);
    expect(watch.unfinished_since).toBe(3);
    watch.take(text(5).subarray(3), 4);
    expect(watch.unfinished_since).toBeUndefined();
  });

  it("takes fragments for one message, whatever pings come between them", () => {
    const watch = new MessageWatch();
    watch.take(text(5, { isLast: false }), 1);
    watch.take(ping, 2);
    watch.take(text(0, { opcode: 0, isLast: false }), 3);
    expect(watch.unfinished_since).toBe(1);
    watch.restart(4);
    expect(watch.unfinished_since).toBe(4);
    watch.take(text(70_000, { opcode: 0 }), 5);
    expect(watch.unfinished_since).toBeUndefined();
    watch.restart(6);
    expect(watch.unfinished_since).toBeUndefined();
  });

  const anyMessage = fc
    .record({
      sizes: fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(65_535, 65_536)), {
        minLength: 1,
        maxLength: 3,
      }),
      isMasked: fc.boolean(),
      hasPings: fc.boolean(),
    })
    .map(({ sizes, isMasked, hasPings }) =>
      Buffer.concat(
        sizes.flatMap((size, index) => {
          const opcode = index === 0 ? 1 : 0;
          const frame = bytesOf({ opcode, isLast: index === sizes.length - 1, size, isMasked });
          return hasPings && index > 0 ? [ping, frame] : [frame];
        }),
      ),
    );

  it("agrees with where the messages end, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, places) => {
        const all = Buffer.concat(messages);
        const ends = new Set(messages.map((_, index) => Buffer.concat(messages.slice(0, index + 1)).length));
        const cuts = [...places.map((place) => place % (all.length + 1)), all.length].sort((a, b) => a - b);
        const watch = new MessageWatch();
        let from = 0;
        for (const cut of cuts) {
          watch.take(all.subarray(from, cut), 7);
          from = cut;
          const isWhole = cut === 0 || ends.has(cut);
          expect(watch.unfinished_since).toBe(isWhole ? undefined : 7);
        }
      }),
    );
  });
});
