import { type Document, isCollection, isMap, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";

type Path = readonly [group: string, key: string] | readonly [key: string];

const BOM = "\ufeff";

/**
 * Sets a setting in a YAML text, or removes it (undefined). Every other byte stays as it is: line ends, a byte order mark,
 * comments, spaces. Where the text is written in a way that has no line of its own for the setting, all of it is written anew.
 */
export function editYaml(text: string, path: Path, value: unknown): string {
  const mark = text.startsWith(BOM) ? BOM : "";
  const body = text.slice(mark.length);
  const edited = editLine(body, path, value);
  if (edited !== undefined && says(edited, path, value)) return mark + edited;
  return mark + withLineEnds(rewrite(body, path, value), lineEndOf(body));
}

function editLine(text: string, path: Path, value: unknown): string | undefined {
  const document = parseDocument(text);
  const holder = holderOf(document, path);
  const pair = holder === undefined ? undefined : pairOf(holder, path.at(-1) ?? "");
  if (value === undefined) return pair === undefined ? text : withoutLines(text, pair);
  if (pair !== undefined) return withValue(text, pair, value);
  const line = `${path.at(-1)}: ${inline(value)}`;
  const first = holder?.items[0];
  if (path.length === 1 || holder === undefined || first === undefined)
    return withGroup(text, document, { path, line });
  const start = lineStart(text, startOf(first));
  const indent = text.slice(start, startOf(first));
  return /^\s*$/.test(indent) ? insert(text, start, `${indent}${line}${lineEndOf(text)}`) : undefined;
}

/** The map that the setting stands in, if it is there and has lines of its own. */
function holderOf(document: Document, path: Path): YAMLMap<unknown, unknown> | undefined {
  const holder = path.length === 1 ? document.contents : document.get(path[0], true);
  return isMap(holder) && holder.flow !== true ? holder : undefined;
}

function pairOf(map: YAMLMap<unknown, unknown>, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function withValue(text: string, { value: node }: Pair, value: unknown): string | undefined {
  if (!isScalar(node) || node.range === null || node.range === undefined || node.range[0] === node.range[1])
    return undefined;
  return text.slice(0, node.range[0]) + inline(value) + text.slice(node.range[1]);
}

/** Without the lines from the setting's key to its value's end. */
function withoutLines(text: string, pair: Pair): string | undefined {
  const start = lineStart(text, startOf(pair));
  if (!/^\s*$/.test(text.slice(start, startOf(pair)))) return undefined;
  const range = isScalar(pair.value) || isCollection(pair.value) ? pair.value.range : undefined;
  const lastLine = text.slice(0, range?.[1] ?? startOf(pair)).trimEnd().length;
  const end = text.indexOf("\n", Math.max(lastLine, startOf(pair)));
  return text.slice(0, start) + (end === -1 ? "" : text.slice(end + 1));
}

/** Adds the line at the end of the text, below its group's name if it has a group. */
function withGroup(text: string, document: Document, { path, line }: { path: Path; line: string }): string | undefined {
  const end = lineEndOf(text);
  const isEmpty = document.contents === null;
  if (!isEmpty && !(isMap(document.contents) && document.contents.flow !== true)) return undefined;
  const whole = text === "" || text.endsWith("\n") ? text : text + end;
  if (path.length === 1) return whole + line + end;
  if (!document.has(path[0])) return `${whole}${path[0]}:${end}  ${line}${end}`;
  const name = isMap(document.contents) ? pairOf(document.contents, path[0]) : undefined;
  if (name === undefined || !isNothing(document.get(path[0]))) return undefined;
  const next = whole.indexOf("\n", startOf(name)) + 1;
  return insert(whole, next, `  ${line}${end}`);
}

function rewrite(text: string, path: Path, value: unknown): string {
  const document = parseDocument(text.replaceAll("\r\n", "\n"));
  const [group] = path;
  // `client:` with nothing below it is not a map yet. (A whole file without one becomes a map by itself.)
  if (path.length === 2 && document.has(group) && !isMap(document.get(group, true))) document.delete(group);
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, value);
  return document.toString({ lineWidth: 0 });
}

/** Whether the text means what was wanted. */
function says(text: string, path: Path, value: unknown): boolean {
  const document = parseDocument(text);
  if (document.errors.length > 0) return false;
  const found: unknown = document.getIn(path, false);
  const plain = isCollection(found) ? found.toJSON() : found;
  return value === undefined ? !document.hasIn(path) : JSON.stringify(plain) === JSON.stringify(value);
}

/** A value on one line. */
function inline(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd();
}

function startOf({ key }: Pair): number {
  return isScalar(key) ? (key.range?.[0] ?? 0) : 0;
}

function lineStart(text: string, index: number): number {
  return text.lastIndexOf("\n", index - 1) + 1;
}

function insert(text: string, at: number, added: string): string {
  return text.slice(0, at) + added + text.slice(at);
}

function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function withLineEnds(text: string, end: string): string {
  return end === "\n" ? text : text.replaceAll("\n", end);
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
