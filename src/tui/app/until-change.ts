import type { ChatState } from "../../chat/chat-state.js";
import { nextTypingEnd } from "../../chat/people.js";
import { nextCountdownMs } from "../chrome/status-line.js";

const MINUTE_MS = 60_000;

/** How long until the screen reads differently by itself: another minute, a countdown, somebody who has stopped typing. */
export function untilChangeMs(state: ChatState, nowMs: number): number {
  const minute = MINUTE_MS - (nowMs % MINUTE_MS);
  return Math.min(minute, nextCountdownMs(state, nowMs) ?? minute, nextTypingEnd(state, nowMs) ?? minute);
}
