import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { commandPaths } from "../../src/cli/command-table.js";
import { BINARY, runMangahub } from "../support/run-mangahub.js";
import { temporaryDirectory } from "../support/temporary-directory.js";

const DIST = new URL("../../dist/bin/", import.meta.url);

describe("mangahub", () => {
  it("prints its version", async () => {
    expect(await runMangahub(["--version"])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: "" });
  });

  it.each(["version", "-v", "-V"])("prints its version for `%s`, too", async (word) => {
    expect(await runMangahub([word])).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` });
  });

  it("prints the help of `mangahub chat` when nothing is asked of it", async () => {
    const bare = await runMangahub(["chat"]);
    expect(bare).toMatchObject({ code: 0, stderr: "" });
    expect(bare).toEqual(await runMangahub(["help", "chat"]));
  });

  it("does not repeat the options of all commands in each command's help", async () => {
    const { stdout } = await runMangahub(["help", "chat", "rooms"]);
    expect(stdout).not.toContain("--data-dir");
    expect(stdout).toContain("such as --name, --server and --json: see mangahub help");
  });

  it("prints its help, with examples, when nothing is asked", async () => {
    const [bare, asked, word] = [await runMangahub([]), await runMangahub(["--help"]), await runMangahub(["help"])];
    expect(bare).toMatchObject({ code: 0, stderr: "" });
    expect(bare.stdout).toContain("mangahub chat join --room one-piece");
    expect([asked, word]).toEqual([bare, bare]);
  });

  it.each(commandPaths().map((path) => path.join(" ")))("explains `%s` with an example", async (path) => {
    const words = path.split(" ");
    const asked = await runMangahub(["help", ...words]);
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(asked.stdout).toMatch(new RegExp(`Examples:\n {2}.*mangahub ${words[0]}`));
    expect(await runMangahub([...words, "--help"])).toEqual(asked);
  });

  it.each([
    [["chat", "jion"], "mangahub: unknown command 'jion'\n  did you mean mangahub chat join?\n"],
    [
      ["chat", "send", "hi", "--rom", "x"],
      "mangahub: unknown option '--rom'\n  did you mean --room? see mangahub help chat send\n",
    ],
    [["send", "hi"], "mangahub: unknown command 'send'\n  did you mean mangahub chat send?\n"],
    [["join"], "mangahub: unknown command 'join'\n  did you mean mangahub chat join?\n"],
    [["help", "send"], 'mangahub: there is no command "send"\n  did you mean mangahub chat send?\n'],
    [["chat", "rooms", "--all-of-them"], "mangahub: unknown option '--all-of-them'\n  see mangahub help chat rooms\n"],
    [
      ["chat", "send", "-_-"],
      "mangahub: unknown option '-_-'\n  a message that begins with a dash goes behind --, as in: mangahub chat send -- \"-_-\"\n",
    ],
    [["chat", "send", ""], "mangahub: there is nothing to send: "],
    [
      ["chat", "history", "--since", "2026-02-30"],
      'mangahub: --since is "2026-02-30"\n  give a day such as 2026-11-21',
    ],
    [["chat", "history", "--since", "2026-11-21 25:00"], 'mangahub: --since is "2026-11-21 25:00"\n'],
    [["chat", "history", "--to", "a", "--with", "b"], "mangahub: --to a and --with b name two people\n"],
    [["help", "nonsense"], 'mangahub: there is no command "nonsense"\n'],
    [["config", "get"], "mangahub: missing required argument 'key'\n"],
    [["chat", "rooms", "more"], "mangahub: too many arguments"],
    [["chat", "join", "--room", "one/piece"], 'mangahub: "one/piece" is not a room\n  a room is 1 to 64 of'],
    [["chat", "join", "--room", "a", "--manga-id", "b"], "mangahub: --room a and --manga-id b name two rooms\n"],
    [["chat", "send", "hi", "--reply-to", "x"], 'mangahub: --reply-to is "x"\n'],
    [["chat", "history", "--since", "yesterday"], 'mangahub: --since is "yesterday"\n'],
    [["serve", "--port", "99999"], "mangahub: --port: websocket.port is 99999; allowed: a whole number"],
    [["chat", "rooms", "--server", "nonsense"], 'mangahub: --server: client.server is "nonsense"; allowed: empty, or'],
  ])("%j is a usage error with one clear line", async (args, message) => {
    const ended = await runMangahub(args);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).not.toContain("    at ");
  });

  it("ends quietly when the reader of its output has gone", async () => {
    const child = spawn(process.execPath, [BINARY, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    const [stderr, [code]] = await Promise.all([readText(child.stderr), once(child, "close")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("says when it is not built", async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, "bin"));
    const copy = join(directory, "bin/mangahub.mjs");
    await copyFile(BINARY, copy);
    const child = spawn(process.execPath, [copy], { stdio: ["ignore", "pipe", "pipe"] });
    const [stderr, [code]] = await Promise.all([readText(child.stderr), once(child, "close")]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "mangahub: not built yet: run npm run build\n" });
  });

  it("loads nothing but commander and its own descriptions for its help", async () => {
    const loaded = await chunksOf("main.js");
    const texts = await Promise.all(loaded.map((name) => readFile(new URL(name, DIST), "utf8")));
    const all = texts.join("\n");
    // What the heavy packages cannot be without; esbuild heads each file's code with its path.
    for (const path of ["node_modules/zod/", "node_modules/ws/", "node_modules/yaml/", "node_modules/ink/"]) {
      expect(all, path).not.toContain(`// ${path}`);
    }
    expect(all).not.toMatch(/from "(better-sqlite3|pino)"/);
    expect(all).toContain("// node_modules/commander/");
  });
});

/** A built file and everything it imports at once, not lazily. */
async function chunksOf(entry: string): Promise<string[]> {
  const names = new Set(await readdir(DIST));
  const found = new Set([entry]);
  for (const name of found) {
    const code = await readFile(new URL(name, DIST), "utf8");
    for (const [, target = ""] of code.matchAll(/^(?:import|\} from|export \{?.*from)[^"\n]*"\.\/([^"]+)";$/gm)) {
      if (names.has(target)) found.add(target);
    }
  }
  return [...found];
}
