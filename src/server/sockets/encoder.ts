import { nanoid } from "nanoid";
import type { Encoder } from "../hub/outlet.js";
import type { Dialect } from "./dialects/dialect.js";
import { mangahubV1 } from "./dialects/mangahub-v1.js";
import { roomDialect } from "./dialects/room.js";
import { deflatedFrame, textFrame } from "./text-frame.js";

type Wording = { readonly dialect: Dialect; readonly frame: (text: string) => Uint8Array };

const WORDINGS: ReadonlyMap<string, Wording> = new Map(
  [mangahubV1, roomDialect].flatMap((dialect) => [
    [dialect.variant, { dialect, frame: textFrame }],
    [deflatedVariant(dialect.variant), { dialect, frame: deflatedFrame }],
  ]),
);

/** The variant of the same words for connections that agreed on compression. */
export function deflatedVariant(variant: string): string {
  return `${variant}+deflate`;
}

/** The hub's encoder: an event in the words of a variant's dialect, framed for the wire. */
export function createEncoder(now: () => number): Encoder {
  // Frames are named by a count: a random name for each would cost more than the rest of a short answer.
  const run = nanoid(8);
  let count = 0;
  const clock = new FrameClock(now);
  return (event, variant, { peer, reply_to }) => {
    count += 1;
    const frame_id = `${run}-${count.toString(36)}`;
    const wording = WORDINGS.get(variant);
    const text = wording?.dialect.encode(event, { peer, reply_to, frame_id, timestamp: clock.timestamp() });
    return text === undefined ? undefined : wording?.frame(text);
  };
}

/** The time as RFC 3339, written out once for all frames of a millisecond. */
class FrameClock {
  readonly #now: () => number;
  #ms = Number.NaN;
  #text = "";

  constructor(now: () => number) {
    this.#now = now;
  }

  timestamp(): string {
    const ms = this.#now();
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#text = new Date(ms).toISOString();
    }
    return this.#text;
  }
}
