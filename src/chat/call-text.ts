import type { CallRecord } from "../protocol/call.js";
import type { UserId } from "../protocol/user-id.js";
import type { RingingCall } from "./entry.js";

/** What is said of a call that is over, to one of the two. */
export function callText(record: CallRecord, self: UserId): string {
  const { caller, callee, reason, duration_ms } = record;
  const what = record.media === "video" ? "video call" : "call";
  const isMine = caller.user_id === self;
  const other = (isMine ? callee : caller).username;
  if (duration_ms !== undefined) return `${what} with ${other}, ${durationText(duration_ms)}`;
  if (isMine) return `${what} to ${other}: ${OUTCOMES[reason]}`;
  return `${isMissed(record, self) ? "missed" : "declined"} ${what} from ${other}`;
}

/** Whether somebody has not had a call that was meant for them, and did not choose so. */
export function isMissed({ callee, duration_ms, by }: CallRecord, self: UserId): boolean {
  return callee.user_id === self && duration_ms === undefined && by !== self;
}

/** What is said while it rings. */
export function ringingText({ from, media, address }: RingingCall): string {
  const what = media === "video" ? "calling, with video" : "calling";
  return `${from.username} is ${what}: to answer, open ${address} in a browser (the page is still to come); /decline declines`;
}

/** A call of one's own that came to nothing. */
const OUTCOMES: Readonly<Record<CallRecord["reason"], string>> = {
  hangup: "cancelled",
  declined: "declined",
  busy: "busy",
  no_answer: "no answer",
  answered_elsewhere: "answered on another device",
  gone: "the connection was lost",
  unreachable: "not reachable",
};

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
