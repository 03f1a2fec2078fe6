import { countedAddress } from "./address.js";

/** How many of something each address has; one that has none is forgotten. */
export class AddressCounts {
  readonly #counts = new Map<string, number>();

  of(address: string): number {
    return this.#counts.get(countedAddress(address)) ?? 0;
  }

  add(address: string, change: 1 | -1): void {
    const counted = countedAddress(address);
    const count = (this.#counts.get(counted) ?? 0) + change;
    if (count === 0) this.#counts.delete(counted);
    else this.#counts.set(counted, count);
  }
}
