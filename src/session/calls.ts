import type { WebSocketClient } from "../client/websocket-client.js";
import type { ServerFrame } from "../protocol/frame.js";
import { callPage } from "./call-page.js";
import type { SessionFeature } from "./session-parts.js";
import type { ChatStore } from "./store.js";

export type CallsParts = {
  readonly store: ChatStore;
  readonly server_url: string;
  readonly client: () => WebSocketClient;
  readonly notice: (text: string) => void;
  readonly now: () => number;
};

/** Calls as somebody without a microphone has them: they are shown, can be declined, and are answered in a browser. */
export class Calls implements SessionFeature {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  take({ type, payload }: ServerFrame): void {
    const { store, server_url, notice, now } = this.#parts;
    if (type === "call.incoming") {
      const { call_id, from, media } = payload;
      const call = {
        call_id,
        from,
        address: callPage(server_url, { call_id }),
        ...(media === undefined ? {} : { media }),
      };
      store.dispatch({ type: "call.rang", call, at: now() });
    }
    if (type !== "call.ended") return;
    store.dispatch({ type: "call.stopped", call_id: payload.call_id });
    // Of every other end the room's log tells.
    if (payload.reason === "answered_elsewhere")
      notice(`answered on another device: the call of ${payload.caller.username}`);
  }

  /** Declines the call that rings, on all one's devices. Rejects with ClientError if it is over. */
  async decline(): Promise<void> {
    const { ringing } = this.#parts.store.getState();
    if (ringing === undefined) throw new Error("nobody is calling you");
    await this.#parts.client().hangUp(ringing.call_id, "declined");
  }
}
