import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createChatServer } from "../../src/server/server.js";
import { runMangahub } from "../support/run-mangahub.js";
import { temporaryDirectory } from "../support/temporary-directory.js";

/** A folder whose hub has stored so many messages and has stopped. */
async function usedHub(messages = 3): Promise<{ readonly cwd: string; readonly database: string }> {
  const cwd = await temporaryDirectory();
  const database = join(cwd, "data", "hub.db");
  const server = createChatServer({ database });
  for (let count = 1; count <= messages; count += 1) {
    await server.sendMessage({ room_id: "general", message: `m${count}` });
  }
  await server.stop();
  return { cwd, database };
}

describe("mangahub db", () => {
  it("check says ok, or what is wrong and ends with 1; --json is one object", async () => {
    const { cwd, database } = await usedHub();
    const sound = await runMangahub(["db", "check"], { cwd });
    expect(sound).toEqual({ code: 0, stdout: `ok: 3 messages in 1 room (${database})\n`, stderr: "" });
    const raw = new Database(database);
    raw.exec("DELETE FROM messages WHERE seq = 2");
    raw.close();
    const found = await runMangahub(["db", "check"], { cwd });
    expect(found).toMatchObject({ code: 1, stdout: "general: 1 of the messages 1 to 3 are missing\n" });
    expect(found.stderr).toMatch(/is not sound: 1 problem\n.*mangahub db restore/);
    const { code, stdout } = await runMangahub(["db", "check", "--database", database, "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ database, ok: false, problems: [{ room_id: "general" }] });
  });

  it("backup copies while a hub runs, and never overwrites", async () => {
    const { cwd, database } = await usedHub();
    const server = createChatServer({ database });
    await server.sendMessage({ room_id: "general", message: "the fourth" });
    const made = await runMangahub(["db", "backup", "copy.db", "--json"], { cwd });
    expect(made).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(made.stdout)).toMatchObject({ database, file: join(cwd, "copy.db") });
    expect((await stat(join(cwd, "copy.db"))).mode & 0o777).toBe(0o600);
    const again = await runMangahub(["db", "backup", "copy.db"], { cwd });
    expect(again).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("nothing was overwritten") });
    await server.stop();
    const checked = await runMangahub(["db", "check", "--database", "copy.db"], { cwd });
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("4 messages") });
  });

  it("restore refuses while a hub runs, then brings the backup back and keeps what was there", async () => {
    const { cwd, database } = await usedHub();
    await runMangahub(["db", "backup", "copy.db"], { cwd });
    const server = createChatServer({ database });
    await server.sendMessage({ room_id: "general", message: "the fourth" });
    const refused = await runMangahub(["db", "restore", "copy.db"], { cwd });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("is in use by the hub") });
    await server.stop();
    const done = await runMangahub(["db", "restore", "copy.db"], { cwd });
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatch(/holds 3 messages in 1 room,.*\nwhat it held before is in .*before-restore-/);
    const files = await readdir(join(cwd, "data"));
    expect(files.filter((name) => name.includes("before-restore"))).toHaveLength(1);
    const stats = await runMangahub(["db", "stats", "--json"], { cwd });
    expect(JSON.parse(stats.stdout)).toMatchObject({ database, messages: 3, rooms: { public: 1 } });
  });

  it("says what is missing, and how a command is used", async () => {
    for (const command of ["check", "stats"]) {
      const ended = await runMangahub(["db", command]);
      expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("there is no database at") });
    }
    expect(await runMangahub(["db", "restore"])).toMatchObject({ code: 2 });
    expect((await runMangahub(["help", "db"])).stdout).toMatch(/check.*\n(.*\n)*.*backup.*\n(.*\n)*.*restore/);
  });
});
