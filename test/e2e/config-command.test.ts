import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SETTING_KEYS } from "../../src/config/setting.js";
import { runMangahub } from "../support/run-mangahub.js";
import { temporaryDirectory } from "../support/temporary-directory.js";

describe("mangahub config", () => {
  it("show lists every setting, and where it comes from when somebody set it", async () => {
    const shown = await runMangahub(["config", "show"], { env: { MANGAHUB_LINGER: "5s" } });
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout.split("\n").map((line) => line.split(" ", 1)[0])).toEqual([...SETTING_KEYS, ""]);
    expect(shown.stdout).toMatch(/^linger +5s {2}\(MANGAHUB_LINGER\)$/m);
    expect(shown.stdout).toMatch(/^websocket\.port +9093$/m);
  });

  it("show --json is for programs", async () => {
    const { stdout } = await runMangahub(["config", "show", "--json"]);
    expect(JSON.parse(stdout)).toContainEqual({ key: "websocket.port", value: 9093, from: "default" });
  });

  it("set changes the user's own file, which get reads, and keeps it to the user", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "own/config.yaml");
    const env = { MANGAHUB_CONFIG: file };
    expect(await runMangahub(["config", "set", "client.name", "nami"], { cwd, env })).toMatchObject({ code: 0 });
    expect(await runMangahub(["config", "set", "websocket.port", "8080"], { cwd, env })).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe("client:\n  name: nami\nwebsocket:\n  port: 8080\n");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await runMangahub(["config", "get", "client.name"], { cwd, env })).toMatchObject({ stdout: "nami\n" });
    const shown = await runMangahub(["config", "show"], { cwd, env });
    expect(shown.stdout).toContain(`nami  (${file}:2)`);
  });

  it("set refuses what is not allowed and changes nothing", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "config.yaml");
    await writeFile(file, "linger: 1s\n");
    const ended = await runMangahub(["config", "set", "linger", "soon", "--config", file], { cwd });
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toContain('linger is "soon"; allowed: a number with a unit');
    expect(await readFile(file, "utf8")).toBe("linger: 1s\n");
  });

  it("set changes the one line of a file, and keeps its line ends, its mark and its mode", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "config.yaml");
    const before = "\ufeff# mine\r\nclient:\r\n  name: nami  # me\r\n  room:   wano\r\n";
    await writeFile(file, before);
    await chmod(file, 0o640);
    const set = await runMangahub(["config", "set", "client.name", "zoro", "--config", file], { cwd });
    expect(set).toMatchObject({ code: 0 });
    expect(await readFile(file, "utf8")).toBe(before.replace("nami", "zoro"));
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  it("unset takes a setting out of the file", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "config.yaml");
    await writeFile(file, "client:\n  name: nami # me\n  room: wano\n");
    const unset = (key: string) => runMangahub(["config", "unset", key, "--config", file], { cwd });
    expect(await unset("client.name")).toMatchObject({ code: 0, stdout: "" });
    expect(await readFile(file, "utf8")).toBe("client:\n  room: wano\n");
    expect(await unset("client.name")).toMatchObject({ code: 0 });
    expect(await unset("client.nmae")).toMatchObject({ code: 2, stdout: "" });
  });

  it("a room that looks like a number is a room", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "config.yaml");
    await writeFile(file, "client:\n  room: 86\n");
    const shown = await runMangahub(["config", "get", "client.room", "--config", file], { cwd });
    expect(shown).toMatchObject({ code: 0, stdout: "86\n" });
  });

  it("get of something unknown is a usage error", async () => {
    expect(await runMangahub(["config", "get", "client.nmae"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("path tells where things are, also when the file is broken", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "broken.yaml");
    await writeFile(file, "client: [\n");
    const { code, stdout } = await runMangahub(["config", "path", "--json", "--config", file], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ config: file, data: join(cwd, "data") });
    const sound = await runMangahub(["config", "path"], { cwd });
    expect(sound.stdout).toContain(join(cwd, "data/hub.db"));
  });

  it("a bad file ends every command with its line and exit code 3", async () => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "config.yaml");
    await writeFile(file, "# mine\nwebsocket:\n  port: \u001b]0;evil\u0007many\n");
    const ended = await runMangahub(["chat", "rooms", "--config", file], { cwd });
    expect(ended).toMatchObject({ code: 3, stdout: "" });
    expect(ended.stderr).toContain(`mangahub: ${file}:3`);
    expect(ended.stderr).not.toContain("\u001b");
  });
});
