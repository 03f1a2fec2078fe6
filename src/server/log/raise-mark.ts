import type { Mark, MarkRaise, UserMark } from "./event-log.js";

/** Where nothing was marked. */
export const NO_MARK: UserMark = { delivered: 0, read: 0, told: { delivered: 0, read: 0 } };

/** The marks after a raise: nothing falls, nothing passes the head, and what is read has been delivered. */
export function raiseMark(before: UserMark, raise: Omit<MarkRaise, "room_id" | "user_id">, head: number): UserMark {
  const read = Math.min(raise.read, head);
  const asked = { read, delivered: Math.max(read, Math.min(raise.delivered, head)) };
  return { ...highest(before, asked), told: raise.private ? before.told : highest(before.told, asked) };
}

/** The author's marks after a message of their own: whoever had read everything before it has read it, too. */
export function markOwn(before: UserMark, seq: number): UserMark {
  return { ...next(before, seq), told: next(before.told, seq) };
}

export function isSameMark(one: UserMark, other: UserMark): boolean {
  return isSame(one, other) && isSame(one.told, other.told);
}

function next({ delivered, read }: Mark, seq: number): Mark {
  return { delivered: delivered === seq - 1 ? seq : delivered, read: read === seq - 1 ? seq : read };
}

function highest(one: Mark, other: Mark): Mark {
  return { delivered: Math.max(one.delivered, other.delivered), read: Math.max(one.read, other.read) };
}

function isSame(one: Mark, other: Mark): boolean {
  return one.delivered === other.delivered && one.read === other.read;
}
