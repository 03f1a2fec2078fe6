import { type ChatState, undeliveredText } from "../../chat/chat-state.js";

/**
 * Says on stderr when the connection breaks, how the way back goes, and when it is back; the conversation itself stays
 * clean. Of many attempts it tells the 1st, 2nd, 4th, 8th …: a server that is gone overnight leaves a few lines.
 */
export class LinkReporter {
  readonly #say: (text: string) => void;
  readonly #now: () => number;
  #isLost = false;
  #toldAttempt = 0;

  /** `now` is the clock of `retry_at`: Unix milliseconds. */
  constructor(say: (text: string) => void, now: () => number = Date.now) {
    this.#say = say;
    this.#now = now;
  }

  update({ link, waiting, refused }: ChatState): void {
    if (link.status === "ready") {
      if (this.#isLost) this.#say("connected again");
      this.#isLost = false;
      this.#toldAttempt = 0;
    }
    if (link.status !== "waiting" || (this.#isLost && link.attempt < this.#toldAttempt * 2)) return;
    const seconds = Math.ceil(Math.max(0, (link.retry_at ?? 0) - this.#now()) / 1000);
    const lost = this.#isLost ? "" : "the connection is lost; ";
    const undelivered = undeliveredText({ waiting, refused });
    const kept = undelivered === "" ? "" : `; ${undelivered}`;
    this.#isLost = true;
    this.#toldAttempt = Math.max(1, link.attempt);
    this.#say(`${lost}reconnecting in ${seconds} s${kept}`);
  }
}
