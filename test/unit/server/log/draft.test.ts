import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatMessageSchema } from "../../../../src/protocol/chat-message.js";
import { messagesOf } from "../../../../src/protocol/durable-event.js";
import { asOf, checkedDraft, isSameBody, eventOf } from "../../../../src/server/log/draft.js";
import type { EventDraft } from "../../../../src/server/log/event-log.js";
import { draftToRow, rowToDraft } from "../../../../src/server/log/sqlite/rows.js";
import { takeBytes } from "../../../../src/server/log/take-bytes.js";
import { draft } from "../../../contract/store.contract.js";

// The wire's schema drops a key called __proto__, so no draft has one.
const metaKey = fc.string().filter((key) => key !== "__proto__");

const drafts = fc
  .record(
    {
      message: fc.string(),
      created_ms: fc.integer({ min: 0, max: 8.64e15 }),
      client_id: fc.string(),
      reply_to: fc.integer({ min: 1 }),
      chapter: fc.double({ noNaN: true, noDefaultInfinity: true }),
      meta: fc.dictionary(metaKey, fc.jsonValue()),
      expires_ms: fc.integer({ min: 0, max: 8.64e15 }),
    },
    { requiredKeys: ["message", "created_ms"] },
  )
  .map((fields) => draft(fields));

describe("a draft", () => {
  it("becomes an event that the wire's schema accepts, and survives its row", () => {
    fc.assert(
      fc.property(drafts, fc.integer({ min: 1 }), (given, seq) => {
        const checked = checkedDraft(given);
        const event = eventOf(checked, { seq, now_ms: 1_763_700_000_000 });
        expect(chatMessageSchema.parse(event.payload)).toEqual(event.payload);
        const [room_id, user_id, username, id, client_id, message, created_ms, extras] = draftToRow(checked);
        const [reply_to, chapter, meta, expires_ms, type] = extras ?? [null, null, null, null, null];
        const texts = { username, id, client_id, message, meta };
        const row = { type, seq, user_id, ...texts, created_ms, reply_to, chapter, expires_ms, deleted_ms: null };
        const back = rowToDraft(row, room_id);
        expect(back).toEqual(checked);
        expect(back.type === "message.new" && checked.type === "message.new" && isSameBody(back, checked)).toBe(true);
      }),
    );
  });

  it.each([
    ["message", { message: 1 }],
    ["room_id", { room_id: undefined }],
    ["client_id", { client_id: null }],
    ["created_ms", { created_ms: 1.5 }],
    ["created_ms", { created_ms: 9e15 }],
    ["reply_to", { reply_to: 1.5 }],
    ["chapter", { chapter: Number.POSITIVE_INFINITY }],
    ["meta", { meta: null }],
    ["expires_ms", { expires_ms: 9e15 }],
  ])("is refused for a bad %s, by name", (field, change) => {
    expect(() => checkedDraft({ ...draft(), ...change } as unknown as EventDraft)).toThrow(`draft's ${field} `);
  });

  it("is a tombstone from the moment it expires: everything but text and meta stays", () => {
    const stored = draft({ message: "soon gone", meta: { a: 1 }, reply_to: 3, created_ms: 1000, expires_ms: 5000 });
    const before = eventOf(stored, { seq: 7, now_ms: 4999 });
    const after = eventOf(stored, { seq: 7, now_ms: 5000 });
    const { meta: _, ...kept } = messagesOf([before])[0] ?? {};
    expect(before.payload).toMatchObject({ message: "soon gone", expires_at: "1970-01-01T00:00:05.000Z" });
    expect(after.payload).toEqual({ ...kept, message: "", deleted_at: "1970-01-01T00:00:05.000Z" });
    expect(asOf(before, 4999)).toBe(before);
    expect(asOf(before, 5000)).toEqual(after);
    expect(asOf(after, 9000)).toBe(after);
  });

  it("keeps of meta what JSON keeps", () => {
    const meta = { at: new Date(0), nothing: undefined };
    expect(checkedDraft(draft({ meta }))).toMatchObject({ meta: { at: "1970-01-01T00:00:00.000Z" } });
  });
});

describe("taking messages by size", () => {
  it("takes at least one, stays within the bound, and reads the source no further", () => {
    const sizes = fc.array(fc.string(), { minLength: 1 });
    fc.assert(
      fc.property(sizes, fc.nat(50), (messages, maxBytes) => {
        let read = 0;
        function* source() {
          for (const message of messages) {
            read += 1;
            yield { message };
          }
        }
        const taken = takeBytes(source(), maxBytes);
        const bytes = (count: number) => Buffer.byteLength(messages.slice(0, count).join(""));
        expect(taken.map(({ message }) => message)).toEqual(messages.slice(0, taken.length));
        expect(taken.length === 1 || bytes(taken.length) <= maxBytes).toBe(true);
        expect(taken.length === messages.length || bytes(taken.length + 1) > maxBytes).toBe(true);
        expect(read).toBeLessThanOrEqual(taken.length + 1);
      }),
    );
  });
});
