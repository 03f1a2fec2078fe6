import type { UserId } from "../../protocol/user-id.js";

type Look = { readonly viewer: UserId; readonly at: number };

/** When somebody looked last, and when somebody else did: enough to know when anybody besides one person has. */
export class Lookers {
  #last: Look | undefined;
  #other: Look | undefined;

  add(viewer: UserId, at: number): void {
    if (this.#last !== undefined && this.#last.viewer !== viewer) this.#other = this.#last;
    this.#last = { viewer, at };
  }

  /** The number of the last look of anybody but this person; -1 if nobody has looked. */
  lastBesides(user_id: UserId): number {
    const look = this.#last?.viewer === user_id ? this.#other : this.#last;
    return look?.at ?? -1;
  }
}
