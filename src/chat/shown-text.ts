import type { ChatMessage } from "../protocol/chat-message.js";

/** What stands for a message in front of people: its text, or, for a tombstone, a word about what was there. */
export function shownText({ message, deleted_at, expires_at }: ChatMessage): string {
  if (deleted_at === undefined) return message;
  return expires_at === undefined ? "(deleted)" : "(expired)";
}
