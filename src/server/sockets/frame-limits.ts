import type { CloseCode } from "../../protocol/close-code.js";

/** How much of one message is taken from a client before it is whole. */
export type FrameLimits = {
  /** Bytes of a message, inflated. */
  readonly maxPayload: number;
  /** Frames that a message is cut into. */
  readonly maxFragments: number;
  /** Pieces in which the bytes of one frame come from the socket. */
  readonly maxBufferedChunks: number;
};

/**
 * The limits that follow from the setting `max_message_size` (bytes). Libraries cut messages into fragments of 1 KiB and
 * more, and networks deliver pieces of 1400 bytes; smaller ones are waste, of which a message may have a little.
 */
export function frameLimitsOf(max_message_size: number): FrameLimits {
  return {
    maxPayload: max_message_size,
    maxFragments: Math.floor(max_message_size / 1024) + 16,
    maxBufferedChunks: Math.floor(max_message_size / 512) + 256,
  };
}

/** How to close a connection whose message passed a limit; undefined for any other error of the `ws` library. */
export function limitClose(
  error: Error & { readonly code?: unknown },
  limits: FrameLimits,
): { readonly code: CloseCode; readonly reason: string } | undefined {
  const { maxPayload, maxFragments, maxBufferedChunks } = limits;
  switch (error.code) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return { code: 1009, reason: `a message is at most ${maxPayload} bytes here (max_message_size)` };
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      // The library has one code for two limits, and tells them apart in words only.
      return error.message.includes("fragments")
        ? { code: 1008, reason: `a message has at most ${maxFragments} fragments here` }
        : { code: 1008, reason: `a frame arrives in at most ${maxBufferedChunks} pieces here: send larger ones` };
    default:
      return undefined;
  }
}
