import type { Command } from "../protocol/command.js";
import type { ClientOptions } from "./client-options.js";
import type { RequestPort } from "./requests.js";

/**
 * What the client shows to prove its id. A former key is shown until the server has taken the key in its place, or says
 * that it no longer knows it; from then on the key alone is.
 */
export class ClientKey {
  readonly #key: string | undefined;
  #former: string | undefined;
  /** Whether it is still to be told that the former key is not needed any more. */
  #isReplacing: boolean;

  constructor({ key, formerKey }: Pick<ClientOptions, "key" | "formerKey">) {
    this.#key = key;
    this.#former = key === undefined ? undefined : formerKey;
    this.#isReplacing = this.#former !== undefined;
  }

  get shown(): string | undefined {
    return this.#former ?? this.#key;
  }

  /** The server has refused what was shown: true if there is another key to show. */
  fallBack(): boolean {
    if (this.#former === undefined) return false;
    this.#former = undefined;
    return true;
  }

  /**
   * To be called when the server has let the client in. Asks it to take the key in place of the former one; `onReplaced`
   * is told when it has, and when it knew the key already.
   */
  settle({ runtime, request }: Pick<RequestPort, "runtime" | "request">, onReplaced: () => void): void {
    const [new_key, key] = [this.#key, this.#former];
    if (new_key === undefined || !this.#isReplacing) return;
    const replaced = () => {
      this.#former = undefined;
      this.#isReplacing = false;
      onReplaced();
    };
    if (key === undefined) return replaced();
    const command: Command = { id: runtime.newId(), type: "auth.rekey", payload: { key, new_key } };
    request(command, {
      onAnswer: ({ type }) => {
        if (type === "auth.success") replaced();
      },
      // A server of an earlier version does not know the command, and goes on with the former key.
      onFailure: ({ code }) => {
        // Nobody is known there by such a key, so that the former one need not be shown again.
        if (code === "forbidden") replaced();
      },
    });
  }
}
