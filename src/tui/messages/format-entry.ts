import { showableLine, showableText } from "../text/clean.js";
import { fit, truncate } from "../text/fit.js";
import { blankCells, type BlankLook, type StyledLine, toColumn } from "../text/styled-line.js";
import { isDisplacing, textWidth } from "../text/width.js";
import { wrapText } from "../text/wrap.js";
import type { Style, Theme } from "../theme.js";
import type { Clock } from "./clock.js";
import type { Delivery, Entry, SaidEntry } from "./entry.js";
import { MARK_COLUMNS, type MessageLayout, TIME_COLUMNS } from "./message-layout.js";

/** All that a line's look depends on, apart from the entry. */
export type Formatting = { readonly layout: MessageLayout; readonly theme: Theme; readonly clock: Clock };

type Painted = { readonly text: string; readonly style: Style };

/** A message in pieces: its name column, the rows of its text, and the row that carries the delivery mark. */
type Pieces = {
  readonly nick: Painted;
  readonly mention: boolean;
  readonly rows: readonly Painted[];
  readonly mark?: { readonly row: number; readonly look: Painted; readonly delivery: Delivery };
};

/**
 * How the cells between joined characters and a mark look, to nobody: another way when the mark is another one. mosh sends
 * the cells that changed and believes it knows where the others stand, so a mark drawn alone would leave the last one
 * where the terminal has put it.
 */
const BLANK_LOOKS: Readonly<Record<Delivery, BlankLook>> = {
  sending: "plain",
  sent: "bold",
  delivered: "italic",
  read: "both",
  failed: "bold",
};

/** Rows one message may take; nobody owns the screen. */
const MAX_MESSAGE_ROWS = 100;

/** The lines of an entry, each at most `layout.columns` wide. Pure; texts from outside cannot style or move anything. */
export function formatEntry(entry: Entry, showTime: boolean, formatting: Formatting): readonly StyledLine[] {
  const { theme, clock } = formatting;
  const { glyphs, styles } = theme;
  const time = showTime ? clock.time(entry.timeMs) : "";
  switch (entry.kind) {
    case "day":
      return [rule(clock.day(entry.timeMs), { glyph: glyphs.rule, style: styles.quiet }, formatting)];
    case "unread": {
      const label = `${entry.count} new since ${clock.time(entry.timeMs)}`;
      return [rule(label, { glyph: glyphs.dashed, style: styles.unread }, formatting)];
    }
    case "message":
    case "direct":
      return assemble(saidPieces(entry, formatting), time, formatting);
    case "presence":
      return assemble(presencePieces(entry, formatting), time, formatting);
    case "call":
      return assemble(callPieces(entry, formatting), time, formatting);
    case "notice":
      return assemble(noticePieces(entry, formatting), time, formatting);
  }
}

/** Whether an entry tells its time below another: always, or where the minute changed. */
export function showsTime(entry: Entry, before: Entry | undefined, { layout, clock }: Formatting): boolean {
  if (layout.timeAlways || before === undefined || before.kind === "day" || before.kind === "unread") return true;
  return clock.time(entry.timeMs) !== clock.time(before.timeMs);
}

function saidPieces(entry: SaidEntry, { layout, theme }: Formatting): Pieces {
  const { styles } = theme;
  const mention = entry.mention ?? false;
  const text = wrapped(addressed(entry), mention ? styles.mention : {}, layout);
  const problem = entry.problem === undefined ? [] : wrapped(entry.problem, styles.error, layout);
  const name = `${entry.kind === "direct" ? "~" : ""}${entry.mine ? "you" : showableLine(entry.username)}`;
  const pieces = {
    nick: { text: name, style: entry.mine ? styles.mine : theme.nick(entry.username) },
    mention,
    rows: [...text, ...problem],
  };
  if (!entry.mine || entry.delivery === undefined) return pieces;
  return { ...pieces, mark: { row: text.length - 1, look: markOf(entry.delivery, theme), delivery: entry.delivery } };
}

/** A direct message says so in words: nothing is told by colour alone. */
function addressed(entry: SaidEntry): string {
  if (entry.kind === "message") return entry.text;
  return entry.mine ? `to ${showableLine(entry.to ?? "?")}: ${entry.text}` : `to you: ${entry.text}`;
}

function presencePieces(entry: Extract<Entry, { kind: "presence" }>, { layout, theme }: Formatting): Pieces {
  const { styles, glyphs } = theme;
  const renamed = (entry.renamed ?? []).map(([was, name]) => `${showableLine(was)} is now ${showableLine(name)}`);
  const moves = [people(entry.joined, "joined"), people(entry.left, "left")];
  const changes = [...moves, renamed.slice(0, MAX_NAMED).join(", ")].filter((change) => change !== "");
  const text = changes.join(` ${glyphs.separator} `);
  const nick = { text: "--", style: styles.quiet };
  return { nick, mention: false, rows: wrapped(text, styles.quiet, layout) };
}

/** A crowd that comes is told in a line or two. */
const MAX_NAMED = 8;

function people(names: readonly string[], what: string): string {
  if (names.length === 0) return "";
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return `${names.slice(0, MAX_NAMED).map(showableLine).join(", ")}${more} ${what}`;
}

function noticePieces(entry: Extract<Entry, { kind: "notice" }>, { layout, theme }: Formatting): Pieces {
  const { styles, glyphs } = theme;
  const style: Style = entry.level === "error" ? styles.error : styles.quiet;
  const nick = { text: entry.level === "error" ? glyphs.failed : "*", style };
  return { nick, mention: false, rows: wrapped(entry.text, style, layout) };
}

function callPieces(entry: Extract<Entry, { kind: "call" }>, { layout, theme }: Formatting): Pieces {
  const { styles, glyphs } = theme;
  const style: Style = entry.news ? styles.unread : styles.quiet;
  return { nick: { text: glyphs.call, style }, mention: false, rows: wrapped(entry.text, style, layout) };
}

function wrapped(text: string, style: Style, { textColumns }: MessageLayout): readonly Painted[] {
  const shown = showableText(text);
  const rows = wrapText(shown, textColumns);
  const painted = rows.slice(0, MAX_MESSAGE_ROWS).map((row) => ({ text: shown.slice(row.from, row.end), style }));
  if (rows.length <= MAX_MESSAGE_ROWS) return painted;
  const left = truncate(`(${rows.length - MAX_MESSAGE_ROWS} more rows)`, textColumns, "");
  return [...painted, { text: left, style: { dim: true } }];
}

function assemble(pieces: Pieces, time: string, formatting: Formatting): readonly StyledLine[] {
  const { layout, theme } = formatting;
  const rows = pieces.rows.map((row, index) => {
    const text = theme.paint(row.style, row.text);
    if (pieces.mark?.row !== index) return text;
    const { look, delivery } = pieces.mark;
    const free = layout.textColumns + MARK_COLUMNS - textWidth(look.text);
    const spaces = " ".repeat(free - textWidth(row.text));
    const gap = isDisplacing(row.text) ? blankCells(spaces, BLANK_LOOKS[delivery]) : spaces;
    return `${text}${gap}${toColumn(layout.indent + free)}${theme.paint(look.style, look.text)}`;
  });
  if (layout.nickColumns === 0)
    return [nickLine(pieces, time, formatting), ...rows.map((row) => mentionSign(pieces, theme) + row)];
  return rows.map((row, index) => {
    const head = index === 0 ? headOf(pieces, time, formatting) : " ".repeat(TIME_COLUMNS + 1 + layout.nickColumns);
    return `${head} ${barOf(pieces, theme)} ${row}`;
  });
}

function headOf({ nick }: Pieces, time: string, { layout, theme }: Formatting): StyledLine {
  const name = fit(nick.text, layout.nickColumns, { side: "right", mark: theme.glyphs.sending });
  const free = name.length - name.trimStart().length;
  const when = theme.paint(theme.styles.quiet, fit(time, TIME_COLUMNS));
  return `${when} ${" ".repeat(free)}${theme.paint(nick.style, name.trimStart())}`;
}

/** On screens too narrow for a column: the name above the text. */
function nickLine({ nick }: Pieces, time: string, { layout, theme }: Formatting): StyledLine {
  const when = time === "" ? "" : `${theme.paint(theme.styles.quiet, time)} `;
  const room = layout.columns - (time === "" ? 0 : TIME_COLUMNS + 1);
  return when + theme.paint(nick.style, truncate(nick.text, Math.max(1, room), theme.glyphs.sending));
}

function barOf(pieces: Pieces, theme: Theme): StyledLine {
  return pieces.mention ? mentionSign(pieces, theme) : theme.paint(theme.styles.quiet, theme.glyphs.bar);
}

function mentionSign({ mention }: Pieces, theme: Theme): StyledLine {
  return mention ? theme.paint(theme.styles.mention, "@") : " ";
}

/** At most MARK_COLUMNS wide, and each another one also without colours. */
function markOf(delivery: Delivery, { glyphs, styles }: Theme): Painted {
  const looks: { readonly [D in Delivery]: Painted } = {
    sending: { text: glyphs.sending, style: styles.quiet },
    sent: { text: glyphs.sent, style: styles.quiet },
    delivered: { text: glyphs.sent.repeat(2), style: styles.quiet },
    read: { text: glyphs.dot, style: styles.good },
    failed: { text: glyphs.failed, style: styles.error },
  };
  return looks[delivery];
}

/** A line across the list with a label in its middle. */
function rule(
  label: string,
  look: { readonly glyph: string; readonly style: Style },
  formatting: Formatting,
): StyledLine {
  const { columns } = formatting.layout;
  const text = truncate(` ${label} `, columns, "");
  const free = columns - textWidth(text);
  const before = look.glyph.repeat(Math.floor(free / 2));
  const after = look.glyph.repeat(Math.ceil(free / 2));
  return formatting.theme.paint(look.style, before + text + after);
}
