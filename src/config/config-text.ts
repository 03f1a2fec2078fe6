import {
  type CST,
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { fileError } from "./config-error.js";
import { DEFAULTS } from "./defaults.js";
import { flatten, isGroup, type Written, withoutNulls } from "./setting.js";

/** A settings file as it was read: what it says, and where. */
export type ConfigFile = {
  readonly path: string;
  readonly written: Written;
  /** The line (from 1) of a dotted key; undefined if the file does not have it. */
  readonly lineOf: (key: string) => number | undefined;
};

/** Reads a YAML text of settings; `path` is for messages. Throws ConfigError for all that is wrong with it. */
export function parseConfigText(path: string, text: string): ConfigFile {
  if (isDeeper(text, MAX_DEPTH)) throw fileError(path, "the file is nested too deep");
  const lines = new LineCounter();
  const document = parseBounded(path, () => parseDocument(text, { lineCounter: lines }));
  const [first] = document.errors;
  if (first !== undefined) throw fileError(path, firstLine(first.message), { line: lines.linePos(first.pos[0]).line });
  parseBounded(path, () => keepTexts(document));
  const value: unknown = parseBounded(path, () => document.toJS({ maxAliasCount: 16 })) ?? {};
  if (!isGroup(value))
    throw fileError(path, "the file must hold settings, such as `client:` with `name: nami` below it");
  const lineOf = (key: string): number | undefined =>
    isMap(document.contents) ? findLine(document, lines, key.split(".")) : undefined;
  return { path, written: withoutNulls(value), lineOf };
}

/** Settings that are text, or lists of texts: what YAML takes for a number or a truth is meant as it is written. */
function keepTexts(document: Document): void {
  for (const [key, usual] of Object.entries(flatten(DEFAULTS))) {
    if (typeof usual !== "string" && !Array.isArray(usual)) continue;
    const node = document.getIn(key.split("."), true);
    for (const scalar of isSeq(node) ? node.items : [node]) {
      if (isScalar(scalar) && scalar.value !== null && scalar.source !== undefined) scalar.value = scalar.source;
    }
  }
}

/** Settings have two levels, and lists. */
const MAX_DEPTH = 32;

/**
 * Whether the text's collections lie deeper in each other. The composer of `yaml` calls itself for each level; a stack that
 * overflows while V8 compiles a regular expression ends the process instead of throwing.
 */
function isDeeper(text: string, most: number): boolean {
  const waiting = Array.from(new Parser().parse(text), (token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (depth > most) return true;
    for (const child of childrenOf(token)) waiting.push({ token: child, depth: depth + 1 });
  }
  return false;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === "document") return token.value === undefined ? [] : [token.value];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child !== undefined && child !== null));
}

/** A file full of aliases exhausts its bound, which is the file's fault. */
function parseBounded<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw fileError(path, "the file has too many aliases", { cause: error });
  }
}

function findLine(document: Document, lines: LineCounter, path: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const segment of path) {
    const pair = isMapNode(node) ? node.items.find((item) => keyOf(item.key) === segment) : undefined;
    if (pair === undefined) return line;
    const start = rangeStart(pair.key);
    if (start !== undefined) line = lines.linePos(start).line;
    node = pair.value;
  }
  return line;
}

function isMapNode(node: unknown): node is YAMLMap {
  return typeof node === "object" && node !== null && "items" in node && Array.isArray(node.items);
}

function keyOf(node: unknown): string {
  return typeof node === "object" && node !== null && "value" in node ? String(node.value) : "";
}

function rangeStart(node: unknown): number | undefined {
  const range = typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : undefined;
}

function firstLine(message: string): string {
  return (message.split("\n", 1)[0] ?? message).replace(/:$/, "");
}
