import { isLoopback } from "./address.js";
import { AddressCounts } from "./address-counts.js";

/** Of one address; each may take its 5 s. */
const MAX_PER_ADDRESS = 16;

/** Connections that are waited for to say who they are. Those of this machine itself are not limited. */
export class UnknownArrivals {
  readonly #counts = new AddressCounts();

  /** Why another one of this address is not waited for; undefined if it is. */
  refusal(address: string): string | undefined {
    if (isLoopback(address) || this.#counts.of(address) < MAX_PER_ADDRESS) return undefined;
    return `${address} has ${MAX_PER_ADDRESS} connections that have not said who they are`;
  }

  /** Counts one as long as it is waited for. */
  async during<T>(address: string, wait: () => Promise<T>): Promise<T> {
    this.#counts.add(address, 1);
    try {
      return await wait();
    } finally {
      this.#counts.add(address, -1);
    }
  }
}
