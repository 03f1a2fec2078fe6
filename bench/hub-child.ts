// The hub under test, in a process of its own: the real server, only its store differs.
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { importBuild } from "./beside/build.js";
import { openSqliteStore } from "../src/server/log/sqlite/sqlite-store.js";
import type { Store } from "../src/server/log/event-log.js";
import { createChatServer } from "../src/server/server.js";
import { type MainThreadKind, openMainThreadStore } from "./commit-store.js";
import { oneByOne } from "./one-by-one.js";

export const STORE_KINDS = ["sqlite", "memory", "one-per-message"] as const;

export type StoreKind = (typeof STORE_KINDS)[number] | MainThreadKind;

/**
 * What the hub's process has used since it started: CPU of all its threads, and the time its loop was busy; and the
 * longest time for which its loop was blocked since it was told to `watch`, NaN before.
 */
export type HubUsage = {
  readonly type: "usage";
  readonly cpu_ms: number;
  readonly busy_ms: number;
  readonly longest_block_ms: number;
  /** What its main thread has on V8's heap and beside it, and what the process has in RAM; bytes. */
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
};

export type HubMessage = { readonly type: "listening"; readonly port: number } | HubUsage;

/** A timer that ticks so often; what it is late by, the loop was blocked. */
const WATCH_MS = 2;
const loop = monitorEventLoopDelay({ resolution: WATCH_MS });

/** What the parent may say: `watch` starts the watch anew, `collect` has the garbage collected; each is answered with the usage. */
export type HubWord = "usage" | "watch" | "collect";

/** Runs until the parent goes away: a hub of these sources, or of the built checkout in the directory `build`. */
export async function runHub([kind = "", database = "", build]: readonly string[]): Promise<void> {
  const settings = {
    limits: { enabled: false },
    websocket: { max_connections_per_address: 100_000, max_connections: 100_000 },
  };
  const create = build === undefined ? createChatServer : (await importBuild(build)).createChatServer;
  const server = create({ ...(await logOf(kind, database)), settings });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  process.on("message", (word: HubWord) => {
    if (word === "collect") collectGarbage();
    if (word === "watch") {
      loop.enable();
      loop.reset();
    }
    tell(usage());
  });
  process.on("disconnect", () => void server.stop());
  tell({ type: "listening", port });
}

/** The server's own logs as it opens them by itself, the others as an embedder's store. */
async function logOf(kind: string, database: string): Promise<{ readonly database?: string; readonly store?: Store }> {
  if (kind === "memory") return {};
  if (kind === "sqlite") return { database };
  if (kind === "main-thread" || kind === "fdatasync") return { store: await openMainThreadStore(kind, database) };
  const holder = { pid: process.pid, version: "bench" };
  return { store: oneByOne(await openSqliteStore({ path: database, holder })) };
}

function usage(): HubUsage {
  const { user, system } = process.cpuUsage();
  const busy_ms = performance.eventLoopUtilization().active;
  const longest_block_ms = loop.count === 0 ? Number.NaN : Math.max(0, loop.max / 1e6 - WATCH_MS);
  const { heapUsed: heap, external, rss: resident } = process.memoryUsage();
  return { type: "usage", cpu_ms: (user + system) / 1000, busy_ms, longest_block_ms, heap, external, resident };
}

/** Node lends `gc` to contexts that are made after the flag was set. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

function tell(message: HubMessage): void {
  process.send?.(message);
}
