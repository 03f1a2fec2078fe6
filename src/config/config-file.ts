import { readFile, stat } from "node:fs/promises";
import type { Document, LineCounter, YAMLMap } from "yaml";
import { ConfigError } from "./config-error.js";
import { isGroup, type Written, withoutNulls } from "./setting.js";

/** A settings file as it was read: what it says, and where. */
export type ConfigFile = {
  readonly path: string;
  readonly written: Written;
  /** The line (from 1) of a dotted key; undefined if the file does not have it. */
  readonly lineOf: (key: string) => number | undefined;
};

const MAX_BYTES = 1024 * 1024;

/** Reads a YAML file of settings; undefined if there is none. Throws ConfigError for anything else that is wrong. */
export async function readConfigFile(path: string): Promise<ConfigFile | undefined> {
  const text = await readBounded(path);
  return text === undefined ? undefined : await parseConfigText(path, text);
}

/** As `readConfigFile`, with the text at hand. */
export async function parseConfigText(path: string, text: string): Promise<ConfigFile> {
  // YAML is loaded only when there is a file: most runs of a command have none.
  const { LineCounter, parseDocument, isMap } = await import("yaml");
  const lines = new LineCounter();
  const document = parseBounded(path, () => parseDocument(text, { lineCounter: lines }));
  const [first] = document.errors;
  if (first !== undefined) throw fileError(path, firstLine(first.message), { line: lines.linePos(first.pos[0]).line });
  const value: unknown = parseBounded(path, () => document.toJS({ maxAliasCount: 16 })) ?? {};
  if (!isGroup(value))
    throw fileError(path, "the file must hold settings, such as `client:` with `name: nami` below it");
  const lineOf = (key: string): number | undefined =>
    isMap(document.contents) ? findLine(document, lines, key.split(".")) : undefined;
  return { path, written: withoutNulls(value), lineOf };
}

async function readBounded(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw fileError(path, `the file is ${size} bytes long; allowed are ${MAX_BYTES}`);
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fileError(path, `the file cannot be read (${code})`, { cause: error });
  }
}

/** A file nested thousands deep exhausts the parser's stack, one full of aliases its bound: both are the file's fault. */
function parseBounded<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw fileError(path, "the file is nested too deep or has too many aliases", { cause: error });
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

function fileError(path: string, allowed: string, details: { line?: number; cause?: unknown } = {}): ConfigError {
  const { line, cause } = details;
  const origin = { kind: "file", name: path, ...(line === undefined ? {} : { line }) } as const;
  return new ConfigError({ origin, key: "", allowed, ...(cause === undefined ? {} : { cause }) });
}
