import { readdirSync, readFileSync } from "node:fs";
import { type IPty, spawn } from "@lydell/node-pty";

type Setup = {
  /** The command's file. */
  readonly binary: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly columns: number;
  readonly rows: number;
  readonly args?: readonly string[];
};

/** `mangahub chat join` in a pseudo-terminal: keys in, bytes out, and what the kernel counts for the process. */
export class ChatTerminal {
  /** Bytes the chat has written so far, and how often it cleared the whole screen. */
  bytes = 0;
  clears = 0;
  readonly #pty: IPty;
  readonly #ended: Promise<unknown>;
  #recent = "";
  #onData: () => void = () => {};

  private constructor(pty: IPty) {
    this.#pty = pty;
    this.#ended = new Promise((resolve) => pty.onExit(resolve));
    pty.onData((data) => {
      this.bytes += Buffer.byteLength(data);
      this.clears += data.split("\u001b[2J").length - 1;
      this.#recent = (this.#recent + data).slice(-200_000);
      this.#onData();
    });
  }

  static open({ binary, env, cwd, columns, rows, args = [] }: Setup): ChatTerminal {
    const command = [binary, "chat", "join", "--name", "nami", ...args];
    const terminal = { TERM: "xterm-256color", ...env };
    return new ChatTerminal(spawn(process.execPath, command, { cwd, env: terminal, cols: columns, rows }));
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  /** Resolves when the chat has written this text since the last call of `forget`. */
  async shows(text: string): Promise<void> {
    while (!this.#recent.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#onData = resolve;
      });
    }
  }

  forget(): void {
    this.#recent = "";
  }

  /** Stops reading what it writes, as a hung terminal does, and reads on. */
  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  /** CPU time of all its living threads so far, ms. */
  cpuMs(): number {
    const tasks = `/proc/${this.#pty.pid}/task`;
    const times = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]);
    return times.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1e6;
  }

  /** Resident memory, MB. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.#pty.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
  }

  async close(): Promise<void> {
    this.#pty.kill("SIGKILL");
    await this.#ended;
  }
}
