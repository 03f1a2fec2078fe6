import { ringingText } from "../../chat/call-text.js";
import type { ChatState } from "../../chat/chat-state.js";
import type { RingingCall } from "../../chat/entry.js";

/** Says on stderr who calls, and when it has stopped; what became of the call stands in the conversation. */
export class CallReporter {
  readonly #say: (text: string) => void;
  #ringing: RingingCall | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  update({ ringing, link }: ChatState): void {
    const before = this.#ringing;
    if (ringing?.call_id === before?.call_id) return;
    // Without a connection it may still ring; if so, the hub says so again.
    if (ringing === undefined && link.status !== "ready") return;
    this.#ringing = ringing;
    if (ringing !== undefined) this.#say(ringingText(ringing));
    else if (before !== undefined) this.#say(`${before.from.username} is not calling any more`);
  }
}
