import { RESET, type StyledLine } from "./text/styled-line.js";

/** How many colours may be used: none (NO_COLOR), the terminal's 16, or 256. */
export type ColourDepth = "none" | "basic" | "full";

/** A look. Colours are numbers of the 256-colour table; below 16 they are the terminal's own. */
export type Style = {
  readonly colour?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly inverse?: boolean;
  readonly underline?: boolean;
};

/** Every drawing character of the interface, by its meaning. All are one cell wide. */
export type Glyphs = {
  readonly bar: string;
  readonly rule: string;
  readonly dashed: string;
  readonly veil: string;
  readonly dot: string;
  readonly away: string;
  readonly busy: string;
  readonly offline: string;
  readonly pointer: string;
  readonly prompt: string;
  readonly sent: string;
  readonly failed: string;
  readonly sending: string;
  readonly down: string;
  readonly separator: string;
  readonly call: string;
};

export type Theme = {
  readonly depth: ColourDepth;
  readonly glyphs: Glyphs;
  /** At the end of a sentence that goes on. */
  readonly ellipsis: string;
  readonly styles: typeof STYLES;
  /** The text in that style; it ends with a reset. A style that comes to nothing adds no bytes. */
  readonly paint: (style: Style, text: string) => StyledLine;
  /** The same style for the same name, on every machine. */
  readonly nick: (username: string) => Style;
};

const UNICODE: Glyphs = {
  bar: "│",
  rule: "─",
  dashed: "╌",
  veil: "▒",
  dot: "●",
  away: "◐",
  busy: "◆",
  offline: "○",
  pointer: "▸",
  prompt: "›",
  sent: "✓",
  failed: "✗",
  sending: "…",
  down: "▼",
  separator: "·",
  call: "✆",
};

const ASCII: Glyphs = {
  bar: "|",
  rule: "-",
  dashed: ".",
  veil: "#",
  dot: "*",
  away: "~",
  busy: "!",
  offline: "o",
  pointer: ">",
  prompt: ">",
  sent: "v",
  failed: "x",
  sending: "~",
  down: "v",
  separator: "-",
  call: "&",
};

const STYLES = {
  quiet: { dim: true },
  chrome: { inverse: true },
  mine: { bold: true },
  mention: { colour: 3, bold: true },
  direct: { colour: 5 },
  unread: { colour: 3 },
  error: { colour: 1, bold: true },
  good: { colour: 2 },
  popup: { dim: true },
  chosen: { inverse: true },
} as const satisfies Record<string, Style>;

/** Readable on black and on white: neither grey nor near either end, nor the red and yellow that have a meaning. */
const NICK_COLOURS: readonly number[] = [
  32, 34, 37, 61, 64, 67, 71, 74, 97, 98, 103, 104, 108, 132, 133, 136, 139, 169, 172, 173,
];
const BASIC_NICK_COLOURS: readonly number[] = [2, 4, 5, 6, 10, 12, 13, 14];

/** What the terminal of these variables can show; `ascii` asks for the twins in any case. */
export function themeOf(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly ascii?: boolean } = {},
): Theme {
  return createTheme(colourDepth(env), (options.ascii ?? false) || needsAscii(env));
}

/** A theme of that depth, with or without ASCII twins. */
export function createTheme(depth: ColourDepth, ascii: boolean): Theme {
  return {
    depth,
    glyphs: ascii ? ASCII : UNICODE,
    ellipsis: ascii ? "..." : "…",
    styles: STYLES,
    paint: (style, text) => paint(style, text, depth),
    nick: (username) => nickStyle(username, depth),
  };
}

/** Terminals that terminfo knows no colours of: DEC's, and monochrome forms of others. */
const COLOURLESS = /^(dumb|vt\d.*|.*-m(ono)?)$/;

function colourDepth(env: Readonly<Record<string, string | undefined>>): ColourDepth {
  const { NO_COLOR, TERM = "", COLORTERM } = env;
  if ((NO_COLOR !== undefined && NO_COLOR !== "") || COLOURLESS.test(TERM)) return "none";
  if ((COLORTERM !== undefined && COLORTERM !== "") || /256color|kitty|ghostty|alacritty|direct/.test(TERM))
    return "full";
  return "basic";
}

function needsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env["TERM"] === "linux" || env["TERM"] === "dumb") return true;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"];
  // An unset locale is common in containers, on terminals that do UTF-8; only what is named counts: C is ASCII.
  return locale !== undefined && /^(C|POSIX)$|\.(?!utf-?8)/i.test(locale);
}

function paint(style: Style, text: string, depth: ColourDepth): StyledLine {
  if (text === "") return "";
  const codes: string[] = [];
  if (style.bold) codes.push("1");
  if (style.dim) codes.push("2");
  if (style.underline) codes.push("4");
  if (style.inverse) codes.push("7");
  if (style.colour !== undefined && depth !== "none") codes.push(colourCode(style.colour));
  return codes.length === 0 ? text : `\u001b[${codes.join(";")}m${text}${RESET}`;
}

function colourCode(colour: number): string {
  if (colour < 8) return String(30 + colour);
  return colour < 16 ? String(82 + colour) : `38;5;${colour}`;
}

function nickStyle(username: string, depth: ColourDepth): Style {
  if (depth === "none") return {};
  const colours = depth === "full" ? NICK_COLOURS : BASIC_NICK_COLOURS;
  const colour = colours[hash(username.normalize("NFKC").toLowerCase()) % colours.length];
  return colour === undefined ? {} : { colour };
}

/** FNV-1a: short, and spreads names that differ in one letter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
