import type { Action } from "../chat/action.js";
import type { ChatState } from "../chat/chat-state.js";
import { reduce } from "../chat/reduce.js";

/** Holds the chat's state for views: `getState` and `subscribe` are what React's useSyncExternalStore asks for. */
export class ChatStore {
  readonly #listeners = new Set<() => void>();
  #state: ChatState;

  constructor(state: ChatState) {
    this.#state = state;
  }

  readonly getState = (): ChatState => this.#state;

  /** Returns the function that ends the subscription. */
  readonly subscribe = (onChange: () => void): (() => void) => {
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  };

  dispatch(action: Action): void {
    const next = reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}
