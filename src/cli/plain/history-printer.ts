import type { ChatMessage } from "../../protocol/chat-message.js";
import { messageLine, plainDay } from "./plain-line.js";

/** Prints messages as JSON lines, or as lines with their number, time and author, under a line for each day. */
export class HistoryPrinter {
  readonly #output: NodeJS.WritableStream;
  readonly #asJson: boolean;
  #day = "";

  constructor(output: NodeJS.WritableStream, options: { readonly json: boolean }) {
    this.#output = output;
    this.#asJson = options.json;
  }

  print(messages: readonly ChatMessage[]): void {
    const width = Math.max(4, String(messages.at(-1)?.seq ?? 0).length);
    for (const message of messages) this.#output.write(`${this.#textOf(message, width)}\n`);
  }

  #textOf(message: ChatMessage, width: number): string {
    if (this.#asJson) return JSON.stringify(message);
    const day = plainDay(Date.parse(message.created_at));
    const heading = day === this.#day ? "" : `--- ${day} ---\n`;
    this.#day = day;
    const [first = "", ...others] = messageLine(message).split("\n");
    const gap = " ".repeat(width + 2);
    return `${heading}${[`${String(message.seq).padStart(width)}  ${first}`, ...others.map((line) => gap + line)].join("\n")}`;
  }
}
