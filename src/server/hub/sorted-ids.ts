import type { UserId } from "../../protocol/user-id.js";

/** A part of a list that ascends by id: at most `limit` ids above `after`. */
export type PageOf = { readonly after?: UserId | undefined; readonly limit: number };

/** Ids in ascending order, code unit by code unit, so that a page of thousands costs what a page of few does. */
export class SortedIds {
  readonly #ids: UserId[] = [];

  add(id: UserId): void {
    const place = this.#placeOf(id);
    if (this.#ids[place] !== id) this.#ids.splice(place, 0, id);
  }

  delete(id: UserId): void {
    const place = this.#placeOf(id);
    if (this.#ids[place] === id) this.#ids.splice(place, 1);
  }

  /** The page's ids that are `shown`; `next` is the last one if more follow. */
  page({ after, limit }: PageOf, shown: (id: UserId) => boolean): { readonly found: UserId[]; readonly next?: UserId } {
    const found: UserId[] = [];
    let place = after === undefined ? 0 : this.#placeOf(after);
    if (this.#ids[place] === after) place += 1;
    for (; place < this.#ids.length; place += 1) {
      const id = this.#ids[place];
      if (id === undefined || !shown(id)) continue;
      const last = found.at(-1);
      if (found.length === limit && last !== undefined) return { found, next: last };
      found.push(id);
    }
    return { found };
  }

  /** Where an id is, or belongs. */
  #placeOf(id: UserId): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#ids[middle];
      if (there !== undefined && there < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
