import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type HubHealth, probeHub } from "../../src/cli/hub-health.js";
import { freePort } from "./free-port.js";
import { BINARY, type Ended, ownEnvironment, type RunOptions, runMangahub } from "./run-mangahub.js";
import { temporaryDirectory } from "./temporary-directory.js";
import { Transcript } from "./transcript.js";

type Environment = Readonly<Record<string, string>>;

/** A machine of the test's own: a home directory, and a port for its hub, which ends with the test. */
export async function newMachine(env: Environment = {}): Promise<Machine> {
  const machine = new Machine(await temporaryDirectory(), await freePort(), env);
  onTestFinished(() => machine.stop());
  return machine;
}

export class Machine {
  readonly home: string;
  readonly port: number;
  readonly env: Environment;
  readonly #started: Program[] = [];

  constructor(home: string, port: number, env: Environment) {
    this.home = home;
    this.port = port;
    this.env = { ...ownEnvironment(home), MANGAHUB_WEBSOCKET_PORT: String(port), ...env };
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  file(name: string): string {
    return join(this.home, name);
  }

  /** Runs the binary to its end. */
  run(args: readonly string[], { env, ...options }: RunOptions = {}): Promise<Ended> {
    return runMangahub(args, { cwd: this.home, ...options, env: { ...this.env, ...env } });
  }

  /** Runs it to an end that has to be good, and gives its stdout. */
  async ok(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code !== 0) throw new Error(`mangahub ${args.join(" ")} ended with ${code}:\n${stderr}`);
    return stdout;
  }

  /** The messages of `chat history`, as programs read them. */
  async messages(...args: readonly string[]): Promise<{ seq: number; message: string; username: string }[]> {
    const lines = await this.ok(["chat", "history", "--json", ...args]);
    return lines
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as never);
  }

  /** Starts the binary with pipes that stay open. */
  start(args: readonly string[], env: Environment = {}): Program {
    const child = spawn(process.execPath, [BINARY, ...args], { cwd: this.home, env: { ...this.env, ...env } });
    const program = new Program(child);
    this.#started.push(program);
    return program;
  }

  /** Somebody in the chat, from the moment they are in the room. */
  async join(name: string, args: readonly string[] = []): Promise<Program> {
    const program = this.start(["chat", "join", "--name", name, ...args]);
    await program.stderr.until("you are ");
    return program;
  }

  /** A hub that is a child of the test. Resolves once it listens; its port is this machine's unless told otherwise. */
  async serve(args: readonly string[] = [], env: Environment = {}): Promise<Program> {
    const program = this.start(["serve", ...args], env);
    await program.stdout.until("\n");
    return program;
  }

  async hub(): Promise<HubHealth> {
    const health = await probeHub(`http://127.0.0.1:${this.port}`);
    if (typeof health === "string") throw new Error(`no hub on port ${this.port}: ${health}`);
    return health;
  }

  /** Ends the hub that a client has started, by a signal. Resolves when it has let go of its port and database. */
  async endHub(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const { pid } = await this.hub();
    // A connection without a request is the last thing a hub closes.
    const closed = await openLine(this.port);
    process.kill(pid, signal);
    await closed();
  }

  async stop(): Promise<void> {
    for (const program of this.#started) program.kill("SIGKILL");
    await Promise.all(this.#started.map((program) => program.ended));
    await this.#endStrayHubs();
  }

  /** Somebody who lost the hub a moment ago may just have started another. */
  async #endStrayHubs(): Promise<void> {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const found = await probeHub(`http://127.0.0.1:${this.port}`);
      if (found === "absent") return;
      // Neither may it be gone already, nor is a test's own server killed with its test.
      if (typeof found === "object" && found.pid > 0 && found.pid !== process.pid) killIfAlive(found.pid);
    }
  }
}

/** A running binary: what it wrote, and its end. */
export class Program {
  readonly stdout = new Transcript();
  readonly stderr = new Transcript();
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const name of ["stdout", "stderr"] as const) {
      const stream = child[name]?.setEncoding("utf8");
      stream?.on("data", (text: string) => this[name].add(text));
      stream?.on("end", () => this[name].end());
    }
    // The test may kill the reader of this pipe.
    child.stdin?.on("error", () => {});
    this.ended = once(child, "close").then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout.text,
      stderr: this.stderr.text,
    }));
  }

  /** Types lines. */
  say(...lines: readonly string[]): void {
    this.#child.stdin?.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Ends its stdin. */
  hangUp(): Promise<Ended> {
    this.#child.stdin?.end();
    return this.ended;
  }

  /** Stops reading what it prints. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  /** Stops reading what it says on stderr, such as a hub's log. */
  closeStderr(): void {
    this.#child.stderr?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** Connects, and gives a way to wait for the other side's end, however it comes. */
async function openLine(port: number): Promise<() => Promise<void>> {
  const line = connect(port, "127.0.0.1");
  const closed = new Promise<void>((resolve) => line.on("error", () => {}).once("close", () => resolve()));
  line.resume();
  await once(line, "connect");
  return () => closed;
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
