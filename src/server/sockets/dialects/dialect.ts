import type { Command } from "../../../protocol/command.js";
import type { CustomCommand, CustomEvent, CustomType } from "../../../protocol/custom.js";
import type { ServerEvent, User } from "../../../protocol/event.js";
import type { Decoded } from "../../../protocol/frame.js";
import type { RoomId } from "../../../protocol/room-id.js";

/** A wire format: a pure pair of functions. The hub behind it speaks in commands and events only. */
export interface Dialect {
  /** What the hub calls this way of encoding. */
  readonly variant: string;
  /** Whether the other side can be told of every failure, and of when to try again; if not, bad frames are logged and skipped. */
  readonly tells_failures: boolean;
  decode(text: string, context: DecodeContext): Decoded<Command | CustomCommand>;
  /** Undefined if the dialect has no words for this. */
  encode(event: ServerEvent | CustomEvent, context: EncodeContext): FrameText | undefined;
}

/** A frame's text, whole or in parts: what many frames have in common comes as UTF-8, the same bytes for all of them. */
export type FrameText = string | readonly (string | Uint8Array)[];

export type DecodeContext = {
  readonly room_id?: RoomId | undefined;
  /** The name to use for a command whose frame carries none. */
  readonly request_id: string;
  /** Whether the embedder has a handler for this type. */
  readonly isCustom: (type: CustomType) => boolean;
};

export type EncodeContext = {
  /** The other one of a direct room, as the reader sees it. */
  readonly peer: User | undefined;
  readonly reply_to: string | undefined;
  /** A name for the frame, and the time, for events that carry none of their own; made when asked for. */
  readonly frame_id: string;
  readonly timestamp: string;
};
