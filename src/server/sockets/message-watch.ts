/**
 * Follows the frames in a socket's bytes (RFC 6455, section 5.2), to know since when a message has begun and not ended:
 * the library tells of a message only when it is whole. Nothing is kept but a frame's header.
 */
export class MessageWatch {
  readonly #header: number[] = [];
  /** Bytes of the frame's payload that are still to come. */
  #left = 0;
  #isFragmented = false;
  /** Of the frame whose payload is coming. */
  #frame = { isLast: true, isControl: false };
  #since: number | undefined;

  /** When the message began that has not ended yet. */
  get unfinished_since(): number | undefined {
    return this.#since;
  }

  /** Takes what came from the socket at that time. */
  take(chunk: Uint8Array, now: number): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at);
        this.#left -= skipped;
        at += skipped;
        if (this.#left === 0) this.#endFrame();
      } else {
        this.#header.push(chunk[at] ?? 0);
        at += 1;
        if (this.#header.length === headerSize(this.#header)) this.#beginFrame();
      }
    }
    if (this.#isFragmented || this.#left > 0 || this.#header.length > 0) this.#since ??= now;
  }

  /** Nothing was read for a while, which is not the sender's fault: its time begins anew. */
  restart(now: number): void {
    if (this.#since !== undefined) this.#since = now;
  }

  #beginFrame(): void {
    const [first = 0] = this.#header;
    this.#frame = { isLast: first >= 0x80, isControl: (first & 0x08) !== 0 };
    this.#left = payloadSize(this.#header);
    this.#header.length = 0;
    if (this.#left === 0) this.#endFrame();
  }

  #endFrame(): void {
    const { isLast, isControl } = this.#frame;
    if (!isControl) this.#isFragmented = !isLast;
    if (!this.#isFragmented) this.#since = undefined;
  }
}

/** Bytes of the header that begins like this: 2, the longer lengths, the mask. */
function headerSize([, second]: readonly number[]): number {
  if (second === undefined) return 2;
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second >= 0x80 ? 4 : 0);
}

function payloadSize(header: readonly number[]): number {
  const length = (header[1] ?? 0) & 0x7f;
  if (length < 126) return length;
  const bytes = header.slice(2, length === 126 ? 4 : 10);
  return bytes.reduce((size, byte) => size * 256 + byte, 0);
}
