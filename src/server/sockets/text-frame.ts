import { constants, deflateRawSync } from "node:zlib";
import type { RawData } from "ws";
import type { FrameText } from "./dialects/dialect.js";

/**
 * A text message as one unmasked WebSocket frame (RFC 6455, section 5.2). Made once and written to many sockets,
 * which a library that frames per socket cannot do.
 */
export function textFrame(text: FrameText): Uint8Array {
  if (typeof text !== "string") return framed(FIN_TEXT, text.map(bytesOf));
  const { frame, start } = frameFor(FIN_TEXT, Buffer.byteLength(text));
  frame.write(text, start, "utf8");
  return frame;
}

/**
 * As `textFrame`, compressed (permessage-deflate without context takeover, RFC 7692), so that it too is made once for
 * many sockets. Below 1 KiB it is not worth it. Of a text in parts, those that many have in common are compressed once.
 */
export function deflatedFrame(text: FrameText): Uint8Array {
  if (isShort(text)) return textFrame(text);
  const blocks = typeof text === "string" ? [deflated(Buffer.from(text))] : text.map(blocksOf);
  const last = blocks.pop() ?? EMPTY_BLOCK;
  return framed(FIN_TEXT | RSV1, [...blocks, last.subarray(0, -FLUSH_MARK_BYTES)]);
}

function framed(first: number, payload: readonly Uint8Array[]): Uint8Array {
  const { frame, start } = frameFor(
    first,
    payload.reduce((sum, bytes) => sum + bytes.length, 0),
  );
  let end = start;
  for (const bytes of payload) {
    frame.set(bytes, end);
    end += bytes.length;
  }
  return frame;
}

function bytesOf(part: string | Uint8Array): Uint8Array {
  return typeof part === "string" ? Buffer.from(part) : part;
}

function isShort(text: FrameText): boolean {
  if (typeof text === "string") return text.length < MIN_DEFLATED && Buffer.byteLength(text) < MIN_DEFLATED;
  return text.reduce((sum, part) => sum + Buffer.byteLength(part), 0) < MIN_DEFLATED;
}

/** The blocks of what many frames have in common. */
const BLOCKS = new WeakMap<Uint8Array, Uint8Array>();

function blocksOf(part: string | Uint8Array): Uint8Array {
  if (typeof part === "string") return wordsDeflated(Buffer.from(part));
  const known = BLOCKS.get(part);
  if (known !== undefined) return known;
  // A copy of its own: zlib answers with a piece of a buffer of 16 KiB.
  const blocks = new Uint8Array(deflated(part));
  BLOCKS.set(part, blocks);
  return blocks;
}

/** A few words are stored as they are: to set the compressor up would cost more than all else about the frame. */
function wordsDeflated(words: Uint8Array): Uint8Array {
  return words.length < MIN_DEFLATED ? Buffer.concat([storedHead(words.length), words, EMPTY_BLOCK]) : deflated(words);
}

/** Blocks that refer to nothing before them and end with a flush mark, at a byte's end, so that blocks can be joined in any order. */
function deflated(bytes: Uint8Array): Uint8Array {
  // Level 1 takes about 2 ms for a mebibyte of a chat's JSON, a third of what the usual level takes.
  return deflateRawSync(bytes, { level: 1, windowBits: DEFLATE_WINDOW_BITS, finishFlush: constants.Z_SYNC_FLUSH });
}

/** Begins a stored block (RFC 1951, section 3.2.4). */
function storedHead(length: number): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(length, 1);
  head.writeUInt16LE(length ^ 0xffff, 3);
  return head;
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
/** A stored block of nothing. A sync flush ends with it; its last four bytes are what a frame leaves out (RFC 7692, section 7.2.1). */
const EMPTY_BLOCK = Buffer.from([0, 0, 0, 0xff, 0xff]);
const FLUSH_MARK_BYTES = 4;

/** A window of 4 KiB: small enough for what clients ask for, and as good as a larger one for texts like ours. */
export const DEFLATE_WINDOW_BITS = 12;
