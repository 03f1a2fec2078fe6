import { availableParallelism } from "node:os";

/** Something that is sent to many, a slice at a time. */
export interface Sending {
  /** Sends on until it is over or the time (of the fan-out's clock) has come; true if nothing is left. */
  sendUntil(deadline: number): boolean;
  /** To so many, about. */
  readonly readers: number;
}

/** So long a room may send in its first turn, ms: most are done then. */
const FIRST_SLICE_MS = 2;

/** So long it may go on in each later turn, ms: what others say meanwhile waits for one at every stage of its way. */
const LATER_SLICE_MS = 0.5;

/** Who sends to more than these is not done in a first turn, which is no longer than a later one then. */
const MANY_READERS = 250;

/** So long all rooms together may send before the event loop has its turn, ms. */
const TICK_MS = 8;

/** A rest between two turns is over after this, ms, though nothing was stored: a slow disk holds no large room up. */
const MAX_REST_MS = 3;

type FanOutParts = {
  /** Told what a sending throws in a later turn; it is left alone then until it is added again. */
  readonly onFailure?: (error: unknown) => void;
  /** In ms, of a clock that is never set. */
  readonly now?: () => number;
  /** Whether the log's thread shares the core with this one; by default: whether this process may use one core only. */
  readonly shares_core?: boolean;
};

/**
 * Shares the event loop among rooms that send. What one slice can send leaves at once, in the tick of its commit; a room
 * that needs longer goes on in turn with others, and between two turns the loop does everything else.
 */
export class FanOut {
  readonly #onFailure: (error: unknown) => void;
  readonly #now: () => number;
  readonly #sharesCore: boolean;
  /** Who came when the time of a tick was used up, in the order they came; and who has had a turn that was too short. */
  readonly #toBegin = new Set<Sending>();
  readonly #toGoOn = new Set<Sending>();
  #isScheduled = false;
  /** Something has come for the log, which is given it at the end of this turn of the loop at the latest. */
  #givesWay = false;
  /** Spent on sending since the event loop last had its turn. */
  #spentMs = 0;
  /** Events on their way into the log: of all rooms, and of each that may be sending. */
  #storing = 0;
  readonly #storingOwn = new Map<Sending, number>();
  #rest: NodeJS.Timeout | undefined;
  /** It has rested for others' events, of which some are still on their way. */
  #hasRested = false;

  constructor({ onFailure = rethrow, now = () => performance.now(), shares_core }: FanOutParts = {}) {
    this.#onFailure = onFailure;
    this.#now = now;
    this.#sharesCore = shares_core ?? availableParallelism() === 1;
  }

  /** There is something to send. Whoever waits for a turn already keeps its place. */
  add(sending: Sending): void {
    if (this.#toBegin.has(sending) || this.#toGoOn.has(sending)) return;
    if (this.#spentMs >= TICK_MS || this.#toBegin.size > 0) this.#toBegin.add(sending);
    else this.#turn(sending, firstSlice(sending));
    // What a few small rooms take is not worth a turn of the loop to find out that it is over.
    if (this.#isWaitedFor || this.#spentMs >= LATER_SLICE_MS) this.#schedule();
    if (this.#toBegin.size > 0) this.#endRest();
  }

  /**
   * An event is on its way into the log, of the room whose sending this is, if the room is known; `stored` is to follow,
   * whatever comes of it. The next slice of a large room is sent when the log has been given it, which is at the end of
   * this turn of the event loop. Where there is one core and the event is another room's, large rooms rest until the log
   * has answered anybody: a loop that never sleeps leaves the log's thread waiting for the core.
   */
  storing(own: Sending | undefined): void {
    this.#count(own, 1);
    this.#givesWay = true;
  }

  /** The log has answered. What it has stored goes out first, then large rooms go on. */
  stored(own: Sending | undefined): void {
    this.#count(own, -1);
    if (this.#hasRested && this.#storingOfOthers() === 0) this.#hasRested = false;
    this.#endRest();
  }

  #count(own: Sending | undefined, change: 1 | -1): void {
    this.#storing += change;
    if (own === undefined) return;
    const count = (this.#storingOwn.get(own) ?? 0) + change;
    if (count === 0) this.#storingOwn.delete(own);
    else this.#storingOwn.set(own, count);
  }

  /** Those of rooms that are not in the middle of sending: a large room's own events are brought along by its rounds. */
  #storingOfOthers(): number {
    let others = this.#storing;
    for (const sending of this.#toGoOn) others -= this.#storingOwn.get(sending) ?? 0;
    return others;
  }

  get #isWaitedFor(): boolean {
    return this.#toBegin.size > 0 || this.#toGoOn.size > 0;
  }

  #turn(sending: Sending, slice_ms: number): void {
    const began = this.#now();
    const isOver = sending.sendUntil(began + slice_ms);
    this.#spentMs += this.#now() - began;
    if (!isOver) this.#toGoOn.add(sending);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#afterThisTurn(() => {
      if (this.#givesWay && this.#toBegin.size === 0 && !this.#mayRest) this.#afterThisTurn(() => this.#restOrGoOn());
      else this.#restOrGoOn();
    });
  }

  #restOrGoOn(): void {
    if (this.#toBegin.size === 0 && this.#mayRest) this.#startRest();
    else this.#takeTurns();
  }

  /** When the event loop has had its turn. */
  #afterThisTurn(work: () => void): void {
    setImmediate(() => {
      this.#spentMs = 0;
      work();
    });
  }

  get #mayRest(): boolean {
    return this.#sharesCore && !this.#hasRested && this.#toGoOn.size > 0 && this.#storingOfOthers() > 0;
  }

  #startRest(): void {
    this.#hasRested = true;
    this.#rest = setTimeout(() => this.#endRest(), MAX_REST_MS);
  }

  #endRest(): void {
    if (this.#rest === undefined) return;
    clearTimeout(this.#rest);
    this.#rest = undefined;
    this.#afterThisTurn(() => this.#takeTurns());
  }

  #takeTurns(): void {
    this.#isScheduled = false;
    this.#givesWay = false;
    const [large] = this.#toGoOn;
    if (large !== undefined) this.#laterTurn(this.#toGoOn, large, LATER_SLICE_MS);
    for (const sending of this.#toBegin) {
      if (this.#spentMs >= TICK_MS) break;
      this.#laterTurn(this.#toBegin, sending, firstSlice(sending));
    }
    if (this.#isWaitedFor) this.#schedule();
  }

  #laterTurn(from: Set<Sending>, sending: Sending, slice_ms: number): void {
    from.delete(sending);
    try {
      this.#turn(sending, slice_ms);
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

function firstSlice({ readers }: Sending): number {
  return readers > MANY_READERS ? LATER_SLICE_MS : FIRST_SLICE_MS;
}

function rethrow(error: unknown): never {
  throw error;
}
