import { readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { newMachine } from "../support/machine.js";

describe("on a machine where nothing runs", () => {
  it("send starts the hub and delivers, and history shows it", async () => {
    const machine = await newMachine();
    const sent = await machine.run(["chat", "send", "hi", "--name", "nami"]);
    expect(sent).toEqual({ code: 0, stdout: "", stderr: "" });
    await machine.hub();
    const shown = await machine.run(["chat", "history"]);
    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toMatch(/^--- \d{4}-\d{2}-\d{2} #general ---\n {3}1 {2}\d\d:\d\d nami: hi\n$/);
  });

  it("history, rooms and send work after the hub has ended", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send", "one", "--room", "one-piece"]);
    await machine.endHub("SIGTERM");
    expect(await machine.messages("--room", "one-piece")).toMatchObject([{ seq: 1, message: "one" }]);
    expect(await machine.ok(["chat", "rooms"])).toMatch(/one-piece +0 online +1 message /);
    await machine.ok(["chat", "send", "two", "--room", "one-piece"]);
    expect(await machine.messages("--room", "one-piece")).toMatchObject([{ seq: 1 }, { seq: 2, message: "two" }]);
  });

  it("history reads what a hub had stored when it was killed", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send", "one"]);
    await machine.endHub("SIGKILL");
    expect(await machine.messages()).toMatchObject([{ seq: 1, message: "one" }]);
    await machine.ok(["chat", "send", "two"]);
    await machine.endHub("SIGKILL");
    expect(await machine.messages()).toMatchObject([{ message: "one" }, { message: "two" }]);
  });

  it("a hub ends by itself after its last client has left", async () => {
    const machine = await newMachine();
    const hub = await machine.serve(["--linger", "1s"]);
    await machine.ok(["chat", "send", "one"]);
    expect(await hub.ended).toMatchObject({ code: 0 });
    expect(await machine.messages()).toMatchObject([{ message: "one" }]);
  });

  it("looking starts no hub", async () => {
    const machine = await newMachine();
    expect(await machine.run(["chat", "history"])).toMatchObject({ code: 0, stdout: "" });
    expect(await machine.run(["chat", "rooms"])).toMatchObject({ code: 0, stdout: "" });
    expect(await machine.run(["chat", "outbox"])).toMatchObject({ code: 0, stdout: "" });
    await expect(machine.hub()).rejects.toThrow("absent");
  });

  it("--no-start keeps the message, and the next send delivers both in order", async () => {
    const machine = await newMachine();
    const kept = await machine.run(["chat", "send", "one", "--no-start"]);
    expect(kept).toMatchObject({ code: 7, stdout: "" });
    expect(kept.stderr).toContain("the message is kept, not delivered");
    await machine.ok(["chat", "send", "two"]);
    expect(await machine.messages()).toMatchObject([{ message: "one" }, { message: "two" }]);
    expect(await machine.ok(["chat", "outbox"])).toBe("");
  });

  it("many senders at once share one hub, and nothing is lost", async () => {
    const machine = await newMachine();
    const names = ["ace", "brook", "chopper", "dadan"];
    await Promise.all(names.map((name) => machine.ok(["chat", "send", `from ${name}`, "--name", name])));
    const messages = await machine.messages();
    expect(messages.map(({ username }) => username).sort()).toEqual(names);
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(await readFile(machine.file("data/hub.log"), "utf8")).not.toContain("    at ");
  });

  it("the hub takes no settings from the directory somebody happens to be in", async () => {
    const machine = await newMachine();
    await writeFile(machine.file("mangahub.config.yaml"), "websocket:\n  port: 1\nclient:\n  server: ws://evil\n");
    await machine.ok(["chat", "send", "hi"]);
    await machine.hub();
  });
});
