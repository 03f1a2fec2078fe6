// A terminal's buffer as an SVG picture: `terminalSvg(terminal, title)`.

const CELL = { width: 8.4, height: 18 };
const PADDING = 12;
const BACKGROUND = "#16181d";
const FOREGROUND = "#d6d9de";
const BASE = ["#16181d", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6d9de"];
const BRIGHT = ["#6b7280", "#ff8b94", "#b5e08f", "#ffd98f", "#82c4ff", "#dd9af0", "#7fd6e0", "#ffffff"];

/** The SVG's text. Runs of cells that look the same become one element each, placed by its column. */
export function terminalSvg(terminal, title) {
  const width = terminal.cols * CELL.width + 2 * PADDING;
  const height = terminal.rows * CELL.height + 2 * PADDING;
  const rows = Array.from({ length: terminal.rows }, (_, row) => rowOf(terminal, row)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK JP', monospace" font-size="14">
${rows}
${cursorOf(terminal)}
</g>
</svg>
`;
}

function rowOf(terminal, row) {
  const { active } = terminal.buffer;
  const line = active.getLine(active.baseY + row);
  const runs = [];
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line.getCell(column);
    if (cell.getWidth() === 0) continue;
    const look = lookOf(cell);
    const key = JSON.stringify(look);
    const last = runs.at(-1);
    const chars = cell.getChars() || " ";
    // Wide characters stand alone, since a font's width for them need not be two cells.
    if (last?.key === key && cell.getWidth() === 1 && last.single === false) {
      last.text += chars;
      last.cells += 1;
    } else runs.push({ key, look, column, text: chars, cells: cell.getWidth(), single: cell.getWidth() > 1 });
  }
  return runs.map((run) => runOf(run, row)).join("");
}

function runOf({ look, column, text, cells }, row) {
  const x = PADDING + column * CELL.width;
  const y = PADDING + row * CELL.height;
  const box =
    look.background === BACKGROUND
      ? ""
      : `<rect x="${x}" y="${y}" width="${cells * CELL.width}" height="${CELL.height}" fill="${look.background}"/>`;
  if (text.trim() === "") return box;
  const style = [
    look.bold ? ' font-weight="bold"' : "",
    look.dim ? ' opacity="0.6"' : "",
    look.italic ? ' font-style="italic"' : "",
    look.underline ? ' text-decoration="underline"' : "",
  ].join("");
  const length = ` textLength="${(cells * CELL.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
  return `${box}<text x="${x}" y="${y + CELL.height - 5}" fill="${look.foreground}"${style}${length}>${escape(text)}</text>`;
}

function lookOf(cell) {
  const foreground = colourOf(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor()) ?? FOREGROUND;
  const background = colourOf(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor()) ?? BACKGROUND;
  const [front, back] = cell.isInverse() ? [background, foreground] : [foreground, background];
  return {
    foreground: front,
    background: back,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

function colourOf(isDefault, isPalette, value) {
  if (isDefault) return undefined;
  if (!isPalette) return `#${value.toString(16).padStart(6, "0")}`;
  if (value < 8) return BASE[value];
  if (value < 16) return BRIGHT[value - 8];
  if (value >= 232) return grey(8 + (value - 232) * 10);
  const index = value - 16;
  const steps = [0, 95, 135, 175, 215, 255];
  return rgb([Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((step) => steps[step]));
}

const grey = (level) => rgb([level, level, level]);
const rgb = (parts) => `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

function cursorOf(terminal) {
  const { cursorX, cursorY } = terminal.buffer.active;
  const x = PADDING + cursorX * CELL.width;
  const y = PADDING + cursorY * CELL.height;
  return `<rect x="${x}" y="${y}" width="2" height="${CELL.height}" fill="${FOREGROUND}"/>`;
}

function escape(text) {
  // Ordinary spaces in a row would become one.
  return text.replace(/[&<>" ]/g, (char) => `&#${char === " " ? 160 : char.charCodeAt(0)};`);
}
