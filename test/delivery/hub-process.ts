import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

export type HubPlace = {
  readonly binary: string;
  readonly port: number;
  readonly directory: string;
  readonly database: string;
};

/** Short, so that half-open lines are found within a run. */
const HEARTBEAT = { MANGAHUB_WEBSOCKET_PING_PERIOD: "1s", MANGAHUB_WEBSOCKET_PONG_WAIT: "3s" };

/** The built hub as a process of its own, which is started, paused and killed. Its log goes to `hub.log`. */
export class HubProcess {
  readonly #place: HubPlace;
  #child: ChildProcess | undefined;
  /** What is done to it is done one after the other. */
  #line: Promise<unknown> = Promise.resolve();
  /** Unix milliseconds of each kill -9. */
  readonly kills: number[] = [];
  readonly memory: number[] = [];
  starts = 0;

  constructor(place: HubPlace) {
    this.#place = place;
  }

  get port(): number {
    return this.#place.port;
  }

  /** Starts it, again and again if it ends before it listens (a full disk), and resolves when it listens. */
  start(): Promise<void> {
    return this.#next(() => this.#start());
  }

  /** kill -9, and another start after a while; `early` kills it once more while it is starting. */
  crash(after: { readonly down_ms: number; readonly early_ms?: number }): Promise<void> {
    return this.#next(async () => {
      await this.#kill();
      await delay(after.down_ms);
      if (after.early_ms !== undefined) {
        this.#spawn();
        await delay(after.early_ms);
        await this.#kill();
      }
      await this.#start();
    });
  }

  /** As an operator restarts it: SIGTERM, and it says goodbye. */
  restart(): Promise<void> {
    return this.#next(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  pause(ms: number): Promise<void> {
    return this.#next(async () => {
      this.#child?.kill("SIGSTOP");
      await delay(ms);
      this.#child?.kill("SIGCONT");
    });
  }

  stop(): Promise<void> {
    return this.#next(() => this.#stop());
  }

  /** Resolves when everything that was begun is done. */
  async settled(): Promise<void> {
    await this.#line;
  }

  sampleMemory(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      if (kib !== undefined) this.memory.push(Number(kib) * 1024);
    } catch {
      // It ended a moment ago, or this is no Linux.
    }
  }

  #next<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#line.then(action);
    // Whoever asked for it hears of a failure; the next action starts anyway.
    this.#line = done.catch(() => {});
    return done;
  }

  async #start(): Promise<void> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const child = this.#spawn();
      if (child.stdout === null) throw new Error("a hub without stdout");
      const lines = createInterface({ input: child.stdout });
      const heard = await Promise.race([once(lines, "line"), once(child, "exit")]);
      lines.close();
      child.stdout.resume();
      if (/listens/.test(String(heard[0]))) return;
      this.#child = undefined;
      await delay(100);
    }
    throw new Error(`the hub does not start: see ${join(this.#place.directory, "hub.log")}`);
  }

  #spawn(): ChildProcess {
    const { binary, port, directory, database } = this.#place;
    const log = openSync(join(directory, "hub.log"), "a");
    const args = [binary, "serve", "--no-limits", "--port", String(port), "--database", database];
    const env = { ...HEARTBEAT, PATH: process.env["PATH"] ?? "", HOME: directory, MANGAHUB_DATA_DIR: directory };
    this.#child = spawn(process.execPath, args, { cwd: directory, env, stdio: ["ignore", "pipe", log] });
    closeSync(log);
    this.starts += 1;
    return this.#child;
  }

  async #kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    this.kills.push(performance.timeOrigin + performance.now());
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }
}
