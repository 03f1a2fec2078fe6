/** What the modes are set through: control sequences out, and the keyboard's raw mode. Both act at once. */
export type Terminal = {
  readonly write: (text: string) => void;
  readonly setRawMode: (raw: boolean) => void;
};

export type TerminalModesOptions = {
  /** Ask for the kitty keyboard protocol: tells Alt-Enter, Shift-Enter and ESC apart where terminals know it. */
  readonly kittyKeys?: boolean;
  /** Ask for the mouse: the wheel scrolls, but text is selected only with Shift held. */
  readonly mouse?: boolean;
};

/** `renew` is what sets a mode again, where that is not what sets it at first. */
type Mode = { readonly on: string; readonly off: string; readonly renew?: string };

const CSI = "\u001b[";

/** Where there is no alternate buffer, the shell goes on below the last row. */
const TO_NEW_LINE = `${CSI}9999;1H\r\n`;

const ALWAYS: readonly Mode[] = [
  { on: `${CSI}?1049h${CSI}2J`, off: `${TO_NEW_LINE}${CSI}?1049l`, renew: `${CSI}?1049h` },
  { on: `${CSI}?7l`, off: `${CSI}?7h` },
  { on: `${CSI}?2004h`, off: `${CSI}?2004l` },
  { on: `${CSI}?1004h`, off: `${CSI}?1004l` },
  { on: `${CSI}?25l`, off: `${CSI}?25h` },
];
/** Terminals keep a stack of these: a second one must not stay behind. */
const KITTY_KEYS: Mode = { on: `${CSI}>1u`, off: `${CSI}<u`, renew: `${CSI}<u${CSI}>1u` };
const MOUSE: Mode = { on: `${CSI}?1000h${CSI}?1006h`, off: `${CSI}?1006l${CSI}?1000l` };

/** An update that the end cut short, and the last style of a line. */
const SETTLE = `${CSI}?2026l${CSI}0m`;

/**
 * The terminal as the full-screen chat needs it: alternate buffer, no automatic wrap, bracketed paste, focus reports,
 * raw keys. Entering and leaving may be repeated; each acts once, and leaving undoes what entering did, in reverse.
 */
export class TerminalModes {
  readonly #terminal: Terminal;
  readonly #modes: readonly Mode[];
  #entered = false;

  constructor(terminal: Terminal, options: TerminalModesOptions = {}) {
    this.#terminal = terminal;
    this.#modes = [...ALWAYS, ...(options.kittyKeys ? [KITTY_KEYS] : []), ...(options.mouse ? [MOUSE] : [])];
  }

  get entered(): boolean {
    return this.#entered;
  }

  enter(): void {
    if (this.#entered) return;
    this.#entered = true;
    this.#terminal.setRawMode(true);
    this.#terminal.write(this.#modes.map((mode) => mode.on).join(""));
  }

  /**
   * What sets the modes of a terminal that may have lost them, or is another one than before (dtach, a serial line);
   * "" while they are not ours. One that has them is left as it is, but for what is on the screen.
   */
  get renewal(): string {
    return this.#entered ? this.#modes.map(({ on, renew }) => renew ?? on).join("") : "";
  }

  leave(): void {
    if (!this.#entered) return;
    this.#entered = false;
    this.#terminal.write(
      SETTLE +
        this.#modes
          .toReversed()
          .map((mode) => mode.off)
          .join(""),
    );
    this.#terminal.setRawMode(false);
  }
}
