/** A key that is not plain text: its name (`enter`, `pageup`, `a`) and what was held with it. */
export type KeyPress = {
  readonly type: "key";
  readonly name: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
};

/** What the terminal reports. Text is as typed: one character or, from a fast hand or a slow line, several. */
export type KeyEvent =
  | KeyPress
  | { readonly type: "text"; readonly text: string }
  /** Line ends are line feeds; `cut` says that the end was left out because it was too long. */
  | { readonly type: "paste"; readonly text: string; readonly cut: boolean }
  | { readonly type: "focus"; readonly focused: boolean }
  | { readonly type: "wheel"; readonly direction: "up" | "down" };

export type Modifiers = { readonly ctrl?: boolean; readonly alt?: boolean; readonly shift?: boolean };

export function keyPress(name: string, held: Modifiers = {}): KeyPress {
  return { type: "key", name, ctrl: held.ctrl ?? false, alt: held.alt ?? false, shift: held.shift ?? false };
}

/** The key as the bindings name it: modifiers in the order ctrl, alt, shift, such as `alt+shift+tab`. */
export function chordOf(key: KeyPress): string {
  return `${key.ctrl ? "ctrl+" : ""}${key.alt ? "alt+" : ""}${key.shift ? "shift+" : ""}${key.name}`;
}
