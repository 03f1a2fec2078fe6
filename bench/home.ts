import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { countMessages } from "./measured-hub.js";
import { Sender } from "./sender.js";

/** A person's home of its own: a data directory, and a port for its hub. */
export class Home {
  /** The command as it is installed, and as npx runs it. */
  readonly binary: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  #hub: ChildProcess | undefined;

  private constructor(build: string, directory: string, port: number) {
    this.binary = join(build, "bin/mangahub.js");
    this.directory = directory;
    this.port = port;
    this.env = {
      PATH: process.env["PATH"] ?? "",
      HOME: directory,
      MANGAHUB_DATA_DIR: join(directory, "data"),
      MANGAHUB_WEBSOCKET_PORT: String(port),
    };
  }

  /** One whose commands are those of the built checkout in the directory: this one, if none is named. */
  static async make(build = process.cwd()): Promise<Home> {
    const home = new Home(build, mkdtempSync(join(tmpdir(), "mangahub-bench-")), await freePort());
    mkdirSync(join(home.directory, "data"));
    return home;
  }

  /** Starts its hub, and resolves when it listens. */
  async startHub(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const hub = spawn(process.execPath, [this.binary, "serve", "--no-limits"], {
      cwd: this.directory,
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#hub = hub;
    const lines = createInterface({ input: hub.stdout });
    const [line] = await once(lines, "line");
    if (!/listens/.test(String(line))) throw new Error(`mangahub serve said ${String(line)}`);
  }

  async stopHub(): Promise<void> {
    const hub = this.#hub;
    this.#hub = undefined;
    if (hub === undefined || hub.exitCode !== null) return;
    hub.kill("SIGTERM");
    await once(hub, "exit");
  }

  /** Has so many messages said in the room that commands use if none is named. */
  async fill(count: number): Promise<void> {
    const sender = await Sender.open({ port: this.port, room_id: "general" }, () => undefined);
    sender.start(count, count);
    await sender.stop(10_000);
    sender.close();
  }

  /** Messages in the hub's database that have this text. Its hub must have stopped. */
  count(text: string): number {
    return countMessages(join(this.directory, "data", "hub.db"), text) ?? 0;
  }

  async remove(): Promise<void> {
    await this.stopHub();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A port that is free now. Nobody else on this machine is likely to take it in the next moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
