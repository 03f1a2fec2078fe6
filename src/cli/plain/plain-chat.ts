import { createInterface, type Interface } from "node:readline";
import { currentRoom, roomTitle } from "../../chat/chat-state.js";
import type { Session, SessionEnd } from "../../session/session.js";
import type { Streams } from "../context.js";
import { LinkReporter } from "./link-reporter.js";
import { plainDay } from "./plain-line.js";
import { PlainPrinter } from "./plain-printer.js";

/** How the chat was left: at the person's wish, by a signal, or by the server. */
export type PlainEnd = { readonly interrupted: boolean } & SessionEnd;

/** Messages under way before more is read from a pipe. */
const MAX_UNDER_WAY = 50;

type Terminal = { readonly isLive: boolean; readonly width: number };

/**
 * The chat in plain lines: what is typed or piped in goes to the session, what happens there is printed. On a terminal
 * the line being typed stays at the bottom; in a pipe, and with TERM=dumb, there is not a single escape code.
 */
export class PlainChat {
  readonly #session: Session;
  readonly #streams: Streams;
  readonly #terminal: Terminal;
  #lines: Interface | undefined;
  #interrupted = false;

  constructor(
    session: Session,
    options: { readonly streams: Streams; readonly dumb: boolean; readonly json: boolean },
  ) {
    const { stdin, stdout, stderr } = options.streams;
    this.#session = session;
    this.#streams = options.streams;
    const isLive = stdin.isTTY === true && stdout.isTTY === true && !options.dumb;
    this.#terminal = { isLive, width: stdout.columns ?? 80 };
    const printer = new PlainPrinter((line) => this.#print(stdout, line), {
      today: plainDay(Date.now()),
      json: options.json,
    });
    const reporter = new LinkReporter((text) => this.#print(stderr, `mangahub: ${text}`));
    session.store.subscribe(() => {
      printer.update(session.store.getState());
      reporter.update(session.store.getState());
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
      const lines = this.#openLines(onSignal);
      this.#welcome();
      void this.#readLines(lines);
      const end = await this.#session.ended;
      return { ...end, interrupted: this.#interrupted };
    } catch (error) {
      if (this.#interrupted) return { interrupted: true };
      throw error;
    } finally {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      this.#lines?.close();
      this.#streams.stdin.pause();
      if (this.#terminal.isLive) this.#streams.stdout.write("\r\u001b[K");
    }
  }

  #openLines(onInterrupt: () => void): Interface {
    const { stdin, stdout } = this.#streams;
    const { isLive } = this.#terminal;
    this.#lines = createInterface({ input: stdin, terminal: isLive, ...(isLive ? { output: stdout } : {}) });
    this.#lines.on("SIGINT", onInterrupt);
    return this.#lines;
  }

  async #readLines(lines: Interface): Promise<void> {
    for await (const line of lines) {
      if (this.#terminal.isLive) this.#eraseTyped(lines.getPrompt() + line);
      if (this.#session.sender.countUnderWay >= MAX_UNDER_WAY) await this.#session.sender.settle();
      await this.#session.submit(line);
      if (this.#terminal.isLive) lines.prompt();
    }
    // The end of the pipe, or Ctrl-D.
    await this.#session.quit();
  }

  #welcome(): void {
    const { self, waiting } = this.#session.store.getState();
    const room = currentRoom(this.#session.store.getState());
    const kept = waiting.size === 0 ? "" : `; ${waiting.size} not delivered yet`;
    this.#print(
      this.#streams.stderr,
      `mangahub: you are ${self.username} in ${roomTitle(room)}${kept}; /help for help`,
    );
    if (!this.#terminal.isLive) return;
    this.#lines?.setPrompt(`${self.username}> `);
    this.#lines?.prompt();
  }

  /** The typed line gives way to the message itself, as soon as the server has it. */
  #eraseTyped(typed: string): void {
    const rows = Math.ceil((typed.length + 1) / this.#terminal.width);
    this.#streams.stdout.write(`\u001b[${rows}A\r\u001b[J`);
  }

  #print(stream: NodeJS.WriteStream, line: string): void {
    if (!this.#terminal.isLive) {
      stream.write(`${line}\n`);
      return;
    }
    stream.write(`\r\u001b[J${line}\n`);
    this.#lines?.prompt(true);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
