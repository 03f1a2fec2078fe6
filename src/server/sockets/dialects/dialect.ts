import type { Command } from "../../../protocol/command.js";
import type { ServerEvent, User } from "../../../protocol/event.js";
import type { Decoded } from "../../../protocol/frame.js";
import type { RoomId } from "../../../protocol/room-id.js";

/** A wire format: a pure pair of functions. The hub behind it speaks in commands and events only. */
export interface Dialect {
  /** What the hub calls this way of encoding. */
  readonly variant: string;
  /** Whether the other side can be told of failures; if not, bad frames are logged and skipped. */
  readonly tells_failures: boolean;
  /** `request_id` is the name to use for a command whose frame carries none. */
  decode(text: string, context: { readonly room_id?: RoomId; readonly request_id: string }): Decoded<Command>;
  /** Undefined if the dialect has no words for this. */
  encode(event: ServerEvent, context: EncodeContext): string | undefined;
}

export type EncodeContext = {
  /** The other one of a direct room, as the reader sees it. */
  readonly peer: User | undefined;
  readonly reply_to: string | undefined;
  /** A name for the frame, and the time, for events that carry none of their own. */
  readonly frame_id: string;
  readonly timestamp: string;
};
