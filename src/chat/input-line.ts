/** What somebody typed: a message, a slash command, or nothing. */
export type InputLine =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "command"; readonly name: string; readonly argument: string }
  | { readonly kind: "empty" };

/** A line that starts with `/` is a command; `//` stands for a message that starts with one. */
export function parseInputLine(line: string): InputLine {
  const text = line.trim();
  if (text === "") return { kind: "empty" };
  if (text.startsWith("//")) return { kind: "message", text: text.slice(1) };
  const command = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  if (command === null) return { kind: "message", text: withoutBlankEnds(line) };
  return { kind: "command", name: (command[1] ?? "").toLowerCase(), argument: command[2] ?? "" };
}

/** The text without blank lines before it and blanks behind it; the indentation of its first line belongs to it. */
export function withoutBlankEnds(text: string): string {
  return text.replace(/^\s*\n/, "").trimEnd();
}
