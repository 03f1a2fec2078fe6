import type { ChatMessage } from "../../src/protocol/chat-message.js";
import type { ResumeResult } from "../../src/protocol/event.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import type { UserId } from "../../src/protocol/user-id.js";

export function messageOf(seq: number, room_id = "general", text = `message ${seq}`): ChatMessage {
  return {
    id: `m-${seq}`,
    user_id: "zoro" as UserId,
    username: "Zoro",
    room_id: room_id as RoomId,
    message: text,
    timestamp: 1_700_000_000 + seq,
    created_at: "2026-01-01T00:00:00.000Z",
    seq,
  };
}

/** An `ok` with the messages from `first` to `head`. */
export function okResult(room_id: string, head: number, first = 1): Extract<ResumeResult, { status: "ok" }> {
  const events = Array.from({ length: Math.max(0, head - first + 1) }, (_, index) => ({
    type: "message.new" as const,
    payload: messageOf(first + index, room_id),
  }));
  return { status: "ok", room_id: room_id as RoomId, epoch: "e1", head, events };
}
