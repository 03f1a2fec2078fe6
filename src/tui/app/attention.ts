/** How long after a key somebody is taken to be looking, where the terminal does not say whether it has the focus. */
const LOOKS_FOR_MS = 60_000;

/**
 * Whether somebody looks at the terminal: while it says that it has the focus, and not while it says that it has not;
 * where it never said anything, for a while after each key. A key is a sign in any case.
 */
export class Attention {
  #focused: boolean | undefined;
  #keyMs: number;

  /** Whoever has just started the program looks. */
  constructor(startedMs: number) {
    this.#keyMs = startedMs;
  }

  onFocus(focused: boolean): void {
    this.#focused = focused;
  }

  onKey(nowMs: number): void {
    this.#keyMs = nowMs;
    if (this.#focused === false) this.#focused = undefined;
  }

  isHere(nowMs: number): boolean {
    return this.#focused ?? nowMs - this.#keyMs < LOOKS_FOR_MS;
  }
}
