import { randomUUID } from "node:crypto";

export type Speaker = { readonly user_id: string; readonly username: string; readonly room_id: string };

/** What a chat of this kind sends to everybody in the room; as mangahub's room dialect has it. */
export function chatMessage(speaker: Speaker, message: string) {
  const now = new Date();
  const { user_id, username, room_id } = speaker;
  const timestamp = Math.floor(now.getTime() / 1000);
  return { id: randomUUID(), user_id, username, room_id, message, timestamp, created_at: now.toISOString() };
}

/** Reads `/ws/<room>?user_id=…&username=…`. */
export function speakerOf(url: string | undefined): Speaker {
  const { pathname, searchParams } = new URL(url ?? "/", "http://peer");
  const room_id = searchParams.get("room") ?? pathname.split("/")[2] ?? "";
  return { user_id: searchParams.get("user_id") ?? "", username: searchParams.get("username") ?? "", room_id };
}

/** The text in a frame of a client. */
export function messageIn(frame: string): string {
  const said: unknown = JSON.parse(frame);
  const isMessage = typeof said === "object" && said !== null && "message" in said;
  return isMessage ? String(said.message) : "";
}

/** The members of rooms, by the room's name. */
export class Rooms<Member> {
  readonly #rooms = new Map<string, Set<Member>>();

  join(room_id: string, member: Member): ReadonlySet<Member> {
    const members = this.#rooms.get(room_id) ?? new Set();
    this.#rooms.set(room_id, members.add(member));
    return members;
  }

  leave(room_id: string, member: Member): void {
    const members = this.#rooms.get(room_id);
    members?.delete(member);
    if (members?.size === 0) this.#rooms.delete(room_id);
  }
}
