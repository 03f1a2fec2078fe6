import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { newMachine } from "../support/machine.js";
import { BINARY, type Ended } from "../support/run-mangahub.js";

describe("a working directory that is gone", () => {
  async function runInGoneFolder(...args: string[]): Promise<Ended> {
    const machine = await newMachine();
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"';
    const command = ["-c", script, process.execPath, BINARY, ...args];
    const child = spawn("sh", command, { cwd: machine.home, env: machine.env });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("close", resolve)));
    return { code, stdout, stderr };
  }

  it.each([["--version"], ["--help"], ["help", "chat", "send"], ["chat", "--help"]])(
    "does not keep anybody from `%s %s`",
    async (...args) => {
      expect(await runInGoneFolder(...args)).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/./) });
    },
  );

  it.each([
    ["chat", "send", "hi"],
    ["config", "show"],
    ["db", "stats"],
  ])("is named by `%s %s`, with exit code 1", async (...args) => {
    const { code, stdout, stderr } = await runInGoneFolder(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("mangahub: the directory you are in is gone\n  go to another one, such as: cd ~\n");
  });
});

describe("paths of the environment that are not absolute", () => {
  const relative = { MANGAHUB_DATA_DIR: "", XDG_DATA_HOME: "reld", XDG_CONFIG_HOME: "relc" };

  it("are ignored: what is kept is below the home directory, wherever one stands", async () => {
    const machine = await newMachine(relative);
    await mkdir(machine.file("here"));
    expect(await machine.run(["chat", "send", "hi", "--no-start"], { cwd: machine.file("here") })).toMatchObject({
      code: 7,
    });
    expect(await readdir(machine.file("here"))).toEqual([]);
    expect((await stat(machine.file(".local/share/mangahub/client.db"))).isFile()).toBe(true);
    expect(await machine.ok(["config", "path"])).toContain(` ${machine.file(".config/mangahub/config.yaml")}\n`);
  });

  it("are ignored in HOME as well, for the home of the system's list of users", async () => {
    const machine = await newMachine({ ...relative, HOME: "relh" });
    const paths = (await machine.ok(["config", "path"])).trim().split("\n");
    expect(paths).toHaveLength(3);
    for (const path of paths) expect(path).toMatch(/^[a-z]+ +\/(?!.*rel[hdc]\b)/);
  });
});

describe("a link in the place of a file", () => {
  it("to a file that is not there yet has the file made", async () => {
    const machine = await newMachine();
    await mkdir(machine.file("data"));
    await symlink(machine.file("elsewhere.db"), machine.file("data/client.db"));
    await machine.ok(["chat", "send", "hi"]);
    expect((await stat(machine.file("elsewhere.db"))).mode & 0o777).toBe(0o600);
    expect(await machine.ok(["chat", "outbox"])).toBe("");
  });

  it.each([
    ["client.db", "data/client.db"],
    ["the data directory", "data"],
  ])("to a place that is not there is named, with what to do: %s", async (_, name) => {
    const machine = await newMachine();
    if (name !== "data") await mkdir(machine.file("data"));
    await symlink("/nonexistent/x", machine.file(name));
    const { code, stderr } = await machine.run(["chat", "send", "hi", "--no-start"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${machine.file(name)} is a link to /nonexistent/x, which is not there`);
    expect(stderr).not.toContain("    at ");
  });

  it("is named by the hub, too", async () => {
    const machine = await newMachine();
    await symlink("/nonexistent/x", machine.file("data"));
    const { code, stderr } = await machine.run(["serve"]);
    expect(code).toBe(1);
    expect(stderr).toContain(machine.file("data"));
    expect(stderr).not.toContain("    at ");
  });

  it.each([
    ["data/credentials.json", ["auth", "whoami", "--server", "ws://127.0.0.1:1"]],
    ["data/client.db", ["chat", "outbox", "--server", "ws://127.0.0.1:1"]],
  ])("leaves the file it leads to as it is, if others may read that: %s", async (name, args) => {
    const machine = await newMachine();
    await mkdir(machine.file("data"));
    await writeFile(machine.file("somebodys"), "", { mode: 0o644 });
    await symlink(machine.file("somebodys"), machine.file(name));
    const { code, stderr } = await machine.run(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/is a link to .*somebodys, which .*others/);
    expect((await stat(machine.file("somebodys"))).mode & 0o777).toBe(0o644);
    expect(await readFile(machine.file("somebodys"), "utf8")).toBe("");
  });
});
