import { createInterface, type Interface } from "node:readline";
import { sanitizeText } from "../../protocol/sanitize.js";
import { escapeControls, jsonLine } from "./json-line.js";
import { TypedLine } from "./typed-line.js";

type OutputStreams = { readonly stdout: NodeJS.WriteStream; readonly stderr: NodeJS.WriteStream };

/**
 * The way out of the command line: only here are stdout and stderr written to. A text given to it is one line, whoever
 * wrote it: what a terminal would act on is removed, and a line feed becomes a space.
 */
export class Output {
  readonly #streams: OutputStreams;
  #typed: TypedLine | undefined;
  #outlivesReaders = false;

  constructor({ stdout, stderr }: OutputStreams) {
    this.#streams = { stdout, stderr };
  }

  /** Whether stdout is a terminal. */
  get isTerminal(): boolean {
    return this.#streams.stdout.isTTY === true;
  }

  /** Whether stderr is a terminal, so that a person reads it. */
  get isErrorTerminal(): boolean {
    return this.#streams.stderr.isTTY === true;
  }

  /** From here on nobody has to read what is printed, as with the log of a hub: lines that cannot be written are lost. */
  outliveReaders(): void {
    this.#outlivesReaders = true;
  }

  /** Calls back for each failure to write that matters. */
  onFailure(listener: (error: NodeJS.ErrnoException) => void): void {
    for (const stream of Object.values(this.#streams)) {
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (!this.#outlivesReaders) listener(error);
      });
    }
  }

  /** Data: each text is a line of stdout. */
  print(...texts: readonly string[]): void {
    if (texts.length > 0) this.#write(this.#streams.stdout, texts.map(oneLine).join("\n"));
  }

  /** Data for programs: JSON on stdout, on one line unless it is indented. */
  printJson(value: unknown, indent?: number): void {
    this.#write(this.#streams.stdout, jsonLine(value, indent));
  }

  /** A word to the person, on stderr: `mangahub: …`. */
  say(text: string): void {
    this.printError(`mangahub: ${text}`);
  }

  /** Each text is a line of stderr. */
  printError(...texts: readonly string[]): void {
    this.#write(this.#streams.stderr, texts.map(oneLine).join("\n"));
  }

  /** A question on stderr. The answer is typed behind it, not echoed; `endAnswer` ends the line. */
  ask(question: string): void {
    this.#streams.stderr.write(`${oneLine(question)}: `);
  }

  endAnswer(): void {
    this.#streams.stderr.write("\n");
  }

  /** A line of a log, which is JSON, on stderr. */
  log(json: string): void {
    this.#streams.stderr.write(`${escapeControls(json.trimEnd())}\n`);
  }

  /** Reads lines; `editable` on a terminal, where readline then echoes what is typed. */
  readLines(stdin: NodeJS.ReadStream, { editable }: { readonly editable: boolean }): Interface {
    const terminal = editable ? { terminal: true, output: this.#streams.stdout } : { terminal: false };
    return createInterface({ input: stdin, ...terminal });
  }

  /** Keeps the line being typed, behind this prompt, below all that is printed. Returns the function that ends it. */
  openTypedLine(lines: Interface, { stdin, prompt }: { stdin: NodeJS.ReadStream; prompt: string }): () => void {
    const typed = new TypedLine(lines, { stdin, stdout: this.#streams.stdout });
    this.#typed = typed;
    typed.open(oneLine(prompt));
    return () => {
      this.#typed = undefined;
      typed.close();
    };
  }

  /** The terminal itself, for the full screen, whose writer lets nothing but text and its own sequences through. */
  takeTerminal(): NodeJS.WriteStream {
    return this.#streams.stdout;
  }

  /** Two streams on one terminal share its bottom line; one that leads elsewhere is written to as it is. */
  #write(stream: NodeJS.WriteStream, lines: string): void {
    if (this.#typed !== undefined && stream.isTTY) this.#typed.print(lines);
    else stream.write(`${lines}\n`);
  }
}

/** Tabs are harmless, and data. */
function oneLine(text: string): string {
  return sanitizeText(text).replaceAll("\n", " ");
}
