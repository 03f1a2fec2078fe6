import { nanoid } from "nanoid";
import type { User } from "../../protocol/event.js";
import type { Encoder } from "../hub/outlet.js";
import type { Dialect, EncodeContext, FrameText } from "./dialects/dialect.js";
import { mangahubV1 } from "./dialects/mangahub-v1.js";
import { roomDialect } from "./dialects/room.js";
import { deflatedFrame, textFrame } from "./text-frame.js";

type Wording = { readonly dialect: Dialect; readonly frame: (text: FrameText) => Uint8Array };

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
  const facts = new FrameFacts(now);
  return (event, variant, { peer, reply_to }) => {
    facts.peer = peer;
    facts.reply_to = reply_to;
    const wording = WORDINGS.get(variant);
    const text = wording?.dialect.encode(event, facts);
    return text === undefined ? undefined : wording?.frame(text);
  };
}

/** What a dialect may want to know of the frame at hand; only what it asks for is written out. */
class FrameFacts implements EncodeContext {
  peer: User | undefined;
  reply_to: string | undefined;
  readonly #now: () => number;
  // Frames are named by a count: a random name for each would cost more than the rest of a short answer.
  readonly #run = nanoid(8);
  #count = 0;
  #ms = Number.NaN;
  #time = "";

  constructor(now: () => number) {
    this.#now = now;
  }

  get frame_id(): string {
    this.#count += 1;
    return `${this.#run}-${this.#count.toString(36)}`;
  }

  /** The time as RFC 3339, written out once for all frames of a millisecond. */
  get timestamp(): string {
    const ms = this.#now();
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#time = new Date(ms).toISOString();
    }
    return this.#time;
  }
}
