import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { ownEnvironment } from "../support/run-mangahub.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

describe("the packed package", () => {
  let directory = "";
  let tarball = "";
  let installed = "";

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "mangahub-package-"));
    await run("npm", ["pack", "--pack-destination", directory], { cwd: root });
    tarball = join(directory, `mangahub-${packageJson.version}.tgz`);
    await run("npm", ["install", "--global", "--prefix", join(directory, "prefix"), tarball], { cwd: directory });
    installed = join(directory, "prefix/lib/node_modules/mangahub");
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function mangahub(...args: string[]): Promise<string> {
    const { stdout } = await run(join(directory, "prefix/bin/mangahub"), args, {
      cwd: directory,
      env: ownEnvironment(directory),
    });
    return stdout;
  }

  /** A folder of a program that has the package installed. */
  async function newProject(name: string): Promise<string> {
    const project = join(directory, name);
    await mkdir(join(project, "node_modules"), { recursive: true });
    await symlink(installed, join(project, "node_modules/mangahub"));
    return project;
  }

  it("brings a command that runs", async () => {
    expect(await mangahub("--version")).toBe(`${packageJson.version}\n`);
    expect(await mangahub("--help")).toContain("mangahub chat join --room one-piece");
    expect(await mangahub("config", "get", "websocket.port")).toBe("9093\n");
  });

  it("brings a hub that opens its database, listens and ends", async () => {
    expect(await mangahub("serve", "--port", "0", "--linger", "1ms")).toMatch(/^mangahub listens on ws:/);
    expect(await readdir(join(directory, "data"))).toContain("hub.db");
  });

  it("can be imported by each of its names", async () => {
    const project = await newProject("project");
    const program = `
      import { createChatServer } from "mangahub";
      import { WebSocketClient } from "mangahub/client";
      import { sanitizeText } from "mangahub/protocol";
      console.log(typeof createChatServer, typeof WebSocketClient, sanitizeText("ok"));`;
    await writeFile(join(project, "main.mjs"), program);
    const { stdout } = await run(process.execPath, [join(project, "main.mjs")]);
    expect(stdout).toBe("function function ok\n");
  });

  it("has for a browser's page what the client's types promise, under each condition of the compiler", async () => {
    const page = await newProject("page");
    const program = `
      import { type Ack, type ChatMessage, ClientError, type ClientOptions } from "mangahub/client";
      import { type OpenSocket, UpgradeRefused, WebSocketClient } from "mangahub/client";
      const open: OpenSocket = () => { throw new UpgradeRefused(403, "no"); };
      const options: ClientOptions = { open };
      const client = new WebSocketClient("ws://127.0.0.1:9", options);
      client.setCallbacks({ onMessage: (message: ChatMessage) => { document.title = message.message; } });
      client.sendMessage("hi").then((ack: Ack) => ack.seq, (error) => error instanceof ClientError);`;
    await writeFile(join(page, "index.html"), '<script type="module" src="/main.ts"></script>');
    await writeFile(join(page, "main.ts"), program);
    const compile = "--noEmit --strict --target es2023 --module esnext --moduleResolution bundler main.ts".split(" ");
    for (const conditions of [[], ["--customConditions", "browser"]]) {
      await run(join(root, "node_modules/.bin/tsc"), [...conditions, ...compile], { cwd: page });
    }
    await run(join(root, "node_modules/.bin/vite"), ["build", "--logLevel", "error"], { cwd: page });
    expect(await readdir(join(page, "dist"))).toContain("index.html");
  });

  it("links to nothing that it does not bring", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout
      .trim()
      .split("\n")
      .map((file) => file.replace(/^package\//, ""));
    const folders = new Set(files.map((file) => `${posix.dirname(file)}/`));
    const dead: string[] = [];
    for (const page of files.filter((file) => file.endsWith(".md"))) {
      const text = await readFile(join(installed, page), "utf8");
      for (const [, link = ""] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(link)) continue;
        const target = posix.join(posix.dirname(page), link);
        if (!files.includes(target) && !folders.has(target)) dead.push(`${page}: ${link}`);
      }
    }
    expect(dead).toEqual([]);
  });

  it("holds what it should and nothing of the workshop", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout.trim().split("\n");
    for (const wanted of [
      "bin/mangahub.js",
      "dist/bin/main.js",
      "dist/index.d.ts",
      "LICENSE",
      "mangahub.config.yaml",
    ]) {
      expect(files).toContain(`package/${wanted}`);
    }
    expect(
      files.filter((file) => /tsbuildinfo|build\.(stamp|lock)|\.tmp$|^package\/(src|test|bench)\//.test(file)),
    ).toEqual([]);
  });

  it("has types that every resolver of ES modules finds", async () => {
    await run(join(root, "node_modules/.bin/attw"), ["--profile", "esm-only", tarball], { cwd: root });
  });

  it("has a package.json without mistakes", async () => {
    await run(join(root, "node_modules/.bin/publint"), ["--strict", installed], { cwd: root });
  });
});
