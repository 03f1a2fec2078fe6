import { constants, deflateRawSync } from "node:zlib";
import type { RawData } from "ws";

/**
 * A text message as one unmasked WebSocket frame (RFC 6455, section 5.2). Made once and written to many sockets,
 * which a library that frames per socket cannot do.
 */
export function textFrame(text: string): Uint8Array {
  const { frame, start } = frameFor(FIN_TEXT, Buffer.byteLength(text));
  frame.write(text, start, "utf8");
  return frame;
}

/**
 * As `textFrame`, compressed (permessage-deflate without context takeover, RFC 7692), so that it too is made once for
 * many sockets. Below 1 KiB it is not worth it.
 */
export function deflatedFrame(text: string): Uint8Array {
  if (text.length < MIN_DEFLATED && Buffer.byteLength(text) < MIN_DEFLATED) return textFrame(text);
  // Level 1 takes about 2 ms for a mebibyte of a chat's JSON, a third of what the usual level takes.
  const deflated = deflateRawSync(text, {
    level: 1,
    windowBits: DEFLATE_WINDOW_BITS,
    finishFlush: constants.Z_SYNC_FLUSH,
  }).subarray(0, -FLUSH_MARK_BYTES);
  const { frame, start } = frameFor(FIN_TEXT | RSV1, deflated.length);
  deflated.copy(frame, start);
  return frame;
}

function frameFor(first: number, length: number): { readonly frame: Buffer; readonly start: number } {
  const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = first;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return { frame, start };
}

/** The text of a received message, in whichever of its forms `ws` hands it over. */
export function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString();
}

const FIN_TEXT = 0x81;
const RSV1 = 0x40;
const MIN_DEFLATED = 1024;
/** What a sync flush ends with, and a frame leaves out (RFC 7692, section 7.2.1). */
const FLUSH_MARK_BYTES = 4;

/** A window of 4 KiB: small enough for what clients ask for, and as good as a larger one for texts like ours. */
export const DEFLATE_WINDOW_BITS = 12;
