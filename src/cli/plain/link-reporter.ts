import type { ChatState } from "../../chat/chat-state.js";

/** Says on stderr when the connection breaks and when it is back; the conversation itself stays clean. */
export class LinkReporter {
  readonly #say: (text: string) => void;
  #isLost = false;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  update({ link, waiting }: ChatState): void {
    if (link.status === "ready" && this.#isLost) {
      this.#isLost = false;
      this.#say("connected again");
    } else if (link.status === "waiting" && !this.#isLost) {
      this.#isLost = true;
      const kept = waiting.size === 0 ? "" : ` (${waiting.size} not delivered yet)`;
      this.#say(`the connection is lost; trying again${kept}`);
    }
  }
}
