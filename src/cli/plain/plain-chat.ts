import type { Interface } from "node:readline";
import { currentRoom, roomTitle, undeliveredText } from "../../chat/chat-state.js";
import { inSight } from "../../chat/unread.js";
import type { Session, SessionEnd } from "../../session/session.js";
import type { Context } from "../context.js";
import type { Output } from "../output/output.js";
import { emptyLine } from "../output/typed-line.js";
import { CallReporter } from "./call-reporter.js";
import { LinkReporter } from "./link-reporter.js";
import { plainDay } from "./plain-line.js";
import { PlainPrinter } from "./plain-printer.js";

/** How the chat was left: at the person's wish, by a signal, or by the server. */
export type PlainEnd = { readonly interrupted: boolean } & SessionEnd;

/** Messages under way before more is read from a pipe. */
const MAX_UNDER_WAY = 50;

/**
 * The chat in plain lines: what is typed or piped in goes to the session, what happens there is printed. On a terminal
 * the line being typed stays at the bottom; in a pipe, and with TERM=dumb, there is not a single escape code.
 */
export class PlainChat {
  readonly #session: Session;
  readonly #stdin: NodeJS.ReadStream;
  readonly #output: Output;
  readonly #isLive: boolean;
  #lines: Interface | undefined;
  #closeTypedLine: (() => void) | undefined;
  #interrupted = false;
  /** Ctrl-C came, and nothing was entered since. */
  #isLeaveAsked = false;

  constructor(
    session: Session,
    { stdin, output, json, dumb }: Pick<Context, "stdin" | "output" | "json"> & { readonly dumb: boolean },
  ) {
    this.#session = session;
    this.#stdin = stdin;
    this.#output = output;
    this.#isLive = stdin.isTTY === true && output.isTerminal && !dumb;
    const printer = new PlainPrinter(output, { today: plainDay(Date.now()), json });
    const report = (text: string) => output.say(text);
    const watchers = [printer, new LinkReporter(report), new CallReporter(report)];
    session.store.subscribe(() => {
      for (const watcher of watchers) watcher.update(session.store.getState());
    });
  }

  /** Connects and talks until the person leaves. Rejects with ClientError if the server lets nobody in. */
  async run(): Promise<PlainEnd> {
    const onSignal = () => {
      this.#interrupted = true;
      void this.#session.quit();
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
    try {
      await this.#session.start();
      // Not before: lines that come while nobody iterates are lost to the iterator.
      const lines = this.#openLines();
      this.#welcome(lines);
      void this.#readLines(lines);
      const end = await this.#session.ended;
      return { ...end, interrupted: this.#interrupted };
    } catch (error) {
      if (this.#interrupted) return { interrupted: true };
      throw error;
    } finally {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      this.#closeTypedLine?.();
      this.#lines?.close();
      this.#stdin.pause();
    }
  }

  #openLines(): Interface {
    const lines = this.#output.readLines(this.#stdin, { editable: this.#isLive });
    lines.on("SIGINT", () => this.#onCtrlC(lines));
    this.#lines = lines;
    return lines;
  }

  /** The key, where a terminal gives us all of them: empties the line; in an empty one it leaves at the second time. */
  #onCtrlC(lines: Interface): void {
    if (lines.line !== "") {
      emptyLine(lines);
      return;
    }
    if (this.#isLeaveAsked) return void this.#session.quit();
    this.#isLeaveAsked = true;
    this.#output.say("Ctrl-C again leaves");
  }

  async #readLines(lines: Interface): Promise<void> {
    for await (const line of lines) {
      this.#isLeaveAsked = false;
      this.#see();
      if (this.#session.sender.countUnderWay >= MAX_UNDER_WAY) await this.#session.sender.settle();
      await this.#session.submit(line);
    }
    // The end of the pipe, or Ctrl-D.
    await this.#session.quit();
  }

  /** Whoever types a line has seen what was printed above it; what goes into a pipe nobody may have seen. */
  #see(): void {
    if (this.#stdin.isTTY !== true || !this.#output.isTerminal) return;
    const { store, marking } = this.#session;
    for (const { room_id, seq } of inSight(store.getState(), () => true)) marking.read(room_id, seq);
  }

  #welcome(lines: Interface): void {
    const state = this.#session.store.getState();
    const { self } = state;
    const room = currentRoom(state);
    const undelivered = undeliveredText(state);
    const kept = undelivered === "" ? "" : `; ${undelivered}`;
    const { local_name = self.username } = this.#session.parts;
    const here = local_name === self.username ? "" : ` (--name ${local_name})`;
    this.#output.say(`you are ${self.username}${here} in ${roomTitle(room)}${kept}; /help for help`);
    if (!this.#isLive) return;
    const prompt = `${self.username}> `;
    this.#closeTypedLine = this.#output.openTypedLine(lines, { stdin: this.#stdin, prompt });
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
