import { expect, it } from "vitest";
import { shownText } from "../../../src/chat/shown-text.js";
import { chatMessageSchema } from "../../../src/protocol/chat-message.js";

const message = (more: object) =>
  chatMessageSchema.parse({
    id: "m1",
    user_id: "nami-1",
    username: "nami",
    room_id: "general",
    message: "",
    timestamp: 1,
    created_at: "2026-11-21T10:00:00.000Z",
    seq: 1,
    ...more,
  });

it("a message is its text; a tombstone says what became of it", () => {
  const gone = { deleted_at: "2026-11-21T11:00:00.000Z" };
  expect(shownText(message({ message: "hello" }))).toBe("hello");
  expect(shownText(message(gone))).toBe("(deleted)");
  expect(shownText(message({ ...gone, expires_at: "2026-11-21T11:00:00.000Z" }))).toBe("(expired)");
});
