import type { ChatMessage } from "../../protocol/chat-message.js";
import type { Context } from "../context.js";
import type { Output } from "../output/output.js";
import { messageLines, plainDay } from "./plain-line.js";

/** Prints messages as JSON lines, or as lines with their number, time and author, under a line for each day that names the room. */
export class HistoryPrinter {
  readonly #output: Output;
  readonly #asJson: boolean;
  readonly #title: string;
  #day = "";

  /** `title` is what the room is called: `#one-piece`, `@zoro`. */
  constructor({ output, json }: Pick<Context, "output" | "json">, title: string) {
    this.#title = title;
    this.#output = output;
    this.#asJson = json;
  }

  print(messages: readonly ChatMessage[]): void {
    const width = Math.max(4, String(messages.at(-1)?.seq ?? 0).length);
    for (const message of messages) {
      if (this.#asJson) this.#output.printJson(message);
      else this.#printLines(message, width);
    }
  }

  #printLines(message: ChatMessage, width: number): void {
    const day = plainDay(Date.parse(message.created_at));
    if (day !== this.#day) this.#output.print(`--- ${day} ${this.#title} ---`);
    this.#day = day;
    const [first = "", ...others] = messageLines(message);
    const gap = " ".repeat(width + 2);
    this.#output.print(`${String(message.seq).padStart(width)}  ${first}`, ...others.map((line) => gap + line));
  }
}
