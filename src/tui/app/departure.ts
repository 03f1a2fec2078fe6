import type { Session, SessionEnd } from "../../session/session.js";
import { scheduleTimer } from "../screen/terminal-screen.js";

const QUIT_WITHIN_MS = 3000;

/** How a chat is left: what is under way is waited for, for a moment, and not at all after a second wish. */
export class Departure {
  /** Resolves at the second wish to leave. */
  readonly hurried: Promise<SessionEnd>;
  readonly #session: Session;
  #hurry: () => void = () => {};
  #asked: "no" | "now" | "before" = "no";
  #isUnderWay = false;
  #interrupted = false;

  constructor(session: Session) {
    this.#session = session;
    this.hurried = new Promise((resolve) => {
      this.#hurry = () => resolve({});
    });
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** It was a signal, or the terminal's end, that began it. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** A key came: that leaving was asked for counts for the next key only. */
  nextKey(): void {
    this.#asked = this.#asked === "now" ? "before" : "no";
  }

  /** Whether leaving was asked for with the last key, too. */
  isConfirmed(): boolean {
    const isConfirmed = this.#asked === "before";
    if (!isConfirmed) this.#asked = "now";
    return isConfirmed;
  }

  begin({ interrupted }: { readonly interrupted: boolean }): void {
    if (this.#isUnderWay) {
      this.#hurry();
      void this.#session.client.disconnect();
      return;
    }
    this.#isUnderWay = true;
    this.#interrupted = interrupted;
    const cancel = scheduleTimer(QUIT_WITHIN_MS, () => void this.#session.client.disconnect());
    void this.#session.quit().finally(cancel);
  }
}
