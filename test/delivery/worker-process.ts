import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { ToWorker, WorkerStatus, WorkerTask } from "./worker-message.js";

/** One process of clients, which is paused, killed and started again. */
export class WorkerProcess {
  readonly #program: string;
  readonly #task: Omit<WorkerTask, "run">;
  #child: ChildProcess | undefined;
  #line: Promise<unknown> = Promise.resolve();
  #runs = 0;
  /** What it wrote to stderr: nothing, if all is well. */
  complaints = "";

  constructor(program: string, task: Omit<WorkerTask, "run">) {
    this.#program = program;
    this.#task = task;
  }

  get runs(): number {
    return this.#runs;
  }

  start(): void {
    this.#runs += 1;
    const task: WorkerTask = { ...this.#task, run: this.#runs };
    const child = fork(this.#program, [JSON.stringify(task)], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.complaints = `${this.complaints}${text}`.slice(0, 4000);
    });
    // A message to a process that has just been killed; its successor gets the next one.
    child.on("error", () => {});
    this.#child = child;
  }

  kill(down_ms: number): Promise<void> {
    return this.#next(async () => {
      const child = this.#child;
      if (child === undefined || child.exitCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
      await delay(down_ms);
      this.start();
    });
  }

  pause(ms: number): Promise<void> {
    return this.#next(async () => {
      this.#child?.kill("SIGSTOP");
      await delay(ms);
      this.#child?.kill("SIGCONT");
    });
  }

  tell(message: ToWorker): void {
    if (this.#child?.connected === true) this.#child.send(message);
  }

  async status(): Promise<WorkerStatus | undefined> {
    const child = this.#child;
    if (child?.connected !== true) return undefined;
    const answer = once(child, "message", { signal: AbortSignal.timeout(5000) });
    this.tell({ type: "status" });
    // Workers say nothing else. One that does not answer in time has no status.
    return await answer.then(
      ([status]) => status as WorkerStatus,
      () => undefined,
    );
  }

  async settled(): Promise<void> {
    await this.#line;
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    this.tell({ type: "end" });
    const cancel = setTimeout(() => child.kill("SIGKILL"), 5000);
    await exit;
    clearTimeout(cancel);
  }

  #next(action: () => Promise<void>): Promise<void> {
    const done = this.#line.then(action);
    this.#line = done.catch(() => {});
    return done;
  }
}
