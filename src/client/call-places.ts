import type { CallRecord } from "../protocol/call.js";
import type { Command } from "../protocol/command.js";
import type { ServerFrame } from "../protocol/frame.js";
import type { Listeners } from "./client-callbacks.js";
import type { RequestPort } from "./requests.js";

/** A user is in one call at a time; more than this would be a hub's mistake. */
const MAX_PLACES = 8;

/**
 * The answered calls this client has a place in. Media go on when the connection breaks, so the place is taken again on
 * the next one; a call that was over by then ends here by its record.
 */
export class CallPlaces {
  readonly #port: RequestPort & { readonly listeners: Listeners };
  readonly #call_ids = new Set<string>();

  constructor(port: RequestPort & { readonly listeners: Listeners }) {
    this.#port = port;
  }

  take({ type, payload }: ServerFrame): void {
    const isIn = type === "call.answer" || (type === "call.ack" && payload.state === "active");
    if (isIn && this.#call_ids.size < MAX_PLACES) this.#call_ids.add(payload.call_id);
    const isOut = type === "call.ended" || (type === "call.ack" && payload.state === "ended");
    if (isOut && (type === "call.ack" || payload.seq === undefined)) this.#call_ids.delete(payload.call_id);
  }

  /** The log tells of a call's end; whoever was away then has not heard of it otherwise. */
  recorded(record: CallRecord): void {
    if (!this.#call_ids.delete(record.call_id)) return;
    this.#port.listeners.tell(({ onCall }) => onCall?.({ type: "call.ended", ...record }));
  }

  onReady(): void {
    for (const call_id of this.#call_ids) {
      const payload = { call_id, candidate: null };
      const command: Command = { id: this.#port.runtime.newId(), type: "call.ice", payload };
      // If the hub has given the call up, its record says so.
      this.#port.request(command, { onAnswer: () => {}, onFailure: () => {} });
    }
  }
}
