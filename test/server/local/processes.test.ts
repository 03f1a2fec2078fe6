import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocalStore } from "../../../src/local/local-store.js";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mangahub-processes-"));
  await build({
    entryPoints: ["test/support/local-store-writer.ts"],
    outfile: join(folder, "writer.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["better-sqlite3"],
    logLevel: "silent",
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the writer; its lines arrive as it says them. */
function write(path: string, prefix: string, count: number): ChildProcess {
  const env = { ...process.env, NODE_PATH: resolve("node_modules") };
  const args = [join(folder, "writer.cjs"), path, prefix, String(count)];
  return spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
}

async function linesOf(child: ChildProcess, onLine: (count: number) => void = () => {}): Promise<string[]> {
  const lines: string[] = [];
  if (child.stdout === null) return lines;
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    onLine(lines.length);
  }
  return lines;
}

function kept(path: string): string[] {
  const store = openLocalStore(path);
  try {
    const entries = store.outbox(store.identity("Nami"), { url: "ws://hub" }).entries();
    return entries.map(({ client_id }) => client_id);
  } finally {
    store.close();
  }
}

describe("several processes", () => {
  it("what the outbox has taken survives kill -9, complete and in order", async () => {
    const path = join(folder, "killed.db");
    const child = write(path, "a", 1_000_000);
    const [, ...said] = await linesOf(child, (count) => {
      if (count === 60) child.kill("SIGKILL");
    });
    const entries = kept(path);
    expect(said.length).toBeGreaterThanOrEqual(59);
    expect(entries.slice(0, said.length)).toEqual(said);
    // At most the one that was stored while the signal was on its way to be said.
    expect(entries.length - said.length).toBeLessThanOrEqual(1);
  });

  it("that begin at the same time share one identity and one outbox", async () => {
    const path = join(folder, "shared.db");
    const children = ["a", "b", "c"].map((prefix) => write(path, prefix, 40));
    const exits = children.map((child) => once(child, "exit"));
    const outputs = await Promise.all(children.map((child) => linesOf(child)));
    expect((await Promise.all(exits)).map(([code]: unknown[]) => code)).toEqual([0, 0, 0]);
    expect(new Set(outputs.map(([user_id]) => user_id)).size).toBe(1);
    const entries = kept(path);
    expect(entries).toHaveLength(120);
    for (const [, ...said] of outputs) expect(entries.filter((id) => said.includes(id))).toEqual(said);
  });
});
