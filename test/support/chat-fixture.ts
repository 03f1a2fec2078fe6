import { type ChatState, emptyRoom, initialState, type RoomView } from "../../src/chat/chat-state.js";
import type { Entry } from "../../src/chat/entry.js";
import type { CallRecord } from "../../src/protocol/call.js";
import type { ChatMessage } from "../../src/protocol/chat-message.js";
import { directRoomId, type RoomId } from "../../src/protocol/room-id.js";
import type { UserId } from "../../src/protocol/user-id.js";

export const NOON = Date.UTC(2026, 10, 21, 12);
export const SELF = { user_id: "nami-1" as UserId, username: "nami" };
export const ZORO = { user_id: "zoro-1" as UserId, username: "zoro" };

/** A message of zoro's, said `seq` minutes after noon in #general, unless told otherwise. */
export function message(seq: number, parts: Partial<ChatMessage> = {}): ChatMessage {
  const timeMs = NOON + seq * 60_000;
  return {
    ...ZORO,
    id: `id-${seq}`,
    room_id: "general" as RoomId,
    message: `message ${seq}`,
    timestamp: timeMs / 1000,
    created_at: new Date(timeMs).toISOString(),
    seq,
    ...parts,
  };
}

export function said(seq: number, parts: Partial<ChatMessage> = {}): Entry {
  const content = message(seq, parts);
  return { kind: "message", message: content, at: content.timestamp * 1000, order: seq };
}

export function presence(order: number, came: boolean, username = "zoro"): Entry {
  const user = { user_id: `${username}-1` as UserId, username };
  return { kind: "presence", came, user, at: NOON + order * 60_000, order };
}

/** A call of zoro's to nami that nobody answered, `seq` minutes after noon, unless told otherwise. */
export function called(seq: number, parts: Partial<CallRecord> = {}): Extract<Entry, { readonly kind: "call" }> {
  const { id, user_id, username, timestamp, created_at } = message(seq);
  const times = { id, user_id, username, timestamp, created_at };
  const call = { call_id: `c${seq}`, reason: "no_answer" as const, caller: ZORO, callee: SELF };
  const record = { ...times, ...call, room_id: directRoomId(SELF.user_id, ZORO.user_id), seq, ...parts };
  return { kind: "call", record, at: record.timestamp * 1000, order: seq };
}

/** A state with these rooms, the first of them shown. */
export function stateOf(
  ...rooms: readonly (Partial<Omit<RoomView, "room_id">> & { readonly room_id: string })[]
): ChatState {
  const views = rooms.map((room): RoomView => {
    const room_id = room.room_id as RoomId;
    return { ...emptyRoom(room_id), ...room, room_id };
  });
  const current = views[0]?.room_id ?? ("general" as RoomId);
  return { ...initialState(SELF, current), rooms: new Map(views.map((room) => [room.room_id, room])) };
}
