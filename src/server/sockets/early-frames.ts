import { type Failure, failure } from "../../protocol/error-code.js";
import { decodeCommand, type ServerFrame } from "../../protocol/frame.js";
import type { EarlyFrame, FrameQueue } from "./frame-queue.js";
import { MAX_MISTAKES } from "./mistakes.js";

/** How long a connection may take to show its key or token, and in how many bytes, whatever else it says meanwhile. */
const EARLY = { deadline_ms: 5000, max_bytes: 4096 } as const;

/** What came of waiting: the key or token, or why there is none. */
export type Shown = { readonly key: string } | { readonly fault: "late" | "too_large" | "too_many" };

/**
 * Waits for `authenticate`. Whatever comes before it is told that it comes too early, and the connection goes on: that
 * is an honest mistake, of which there may be as many as there may be later.
 */
export async function awaitKey(
  queue: FrameQueue,
  refuse: (error: Extract<ServerFrame, { type: "error" }>) => void,
): Promise<Shown> {
  const until = performance.now() + EARLY.deadline_ms;
  let bytes_left: number = EARLY.max_bytes;
  for (let mistakes = 0; mistakes < MAX_MISTAKES; mistakes += 1) {
    const frame = await queue.next({ deadline_ms: until - performance.now(), max_bytes: bytes_left });
    if ("fault" in frame) return frame;
    const read = keyIn(frame);
    if ("key" in read) return read;
    const { failure: payload, reply_to = "" } = read;
    refuse(reply_to === "" ? { type: "error", payload } : { type: "error", payload, reply_to });
    bytes_left -= frame.bytes;
  }
  return { fault: "too_many" };
}

type Refused = { readonly failure: Failure; readonly reply_to?: string };

function keyIn({ text }: EarlyFrame): { readonly key: string } | Refused {
  if (text === undefined) return { failure: failure("bad_frame", "frames are text, not binary") };
  const decoded = decodeCommand(text);
  if (!decoded.ok) return decoded;
  const { type, payload, id } = decoded.value;
  if (type === "authenticate") return { key: payload.token };
  const message = `${type} comes too early: authenticate first`;
  return { failure: failure("not_authenticated", message, { field: "type" }), reply_to: id };
}
