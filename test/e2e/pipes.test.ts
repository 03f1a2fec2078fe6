import { describe, expect, it } from "vitest";
import { newMachine } from "../support/machine.js";

const ESCAPE = "\u001b";
const COLOURFUL = { TERM: "xterm-256color", COLORTERM: "truecolor", FORCE_COLOR: "3" };

describe("in a pipe", () => {
  it.each([
    ["a terminal full of colour", COLOURFUL],
    ["a dumb terminal", { TERM: "dumb" }],
    ["NO_COLOR", { ...COLOURFUL, NO_COLOR: "1" }],
    ["no terminal at all", {}],
  ])("no command writes an escape code under %s", async (_, env) => {
    const machine = await newMachine(env);
    const commands = [
      { args: ["chat", "send"], input: "hi\n" },
      { args: ["chat", "join", "--name", "nami"], input: "hello\n/users\n/status\n/help\n/nonsense\n" },
      { args: ["chat", "history"] },
      { args: ["chat", "rooms"] },
      { args: ["chat", "users"] },
      { args: ["chat", "outbox"] },
      { args: ["config", "show"] },
      { args: ["help", "chat", "join"] },
    ];
    for (const { args, input = "" } of commands) {
      const { code, stdout, stderr } = await machine.run(args, { input });
      expect({ args, code, escapes: (stdout + stderr).includes(ESCAPE) }).toEqual({ args, code: 0, escapes: false });
    }
    const wrong = await machine.run(["chat", "jion"]);
    expect(wrong.stderr).not.toContain(ESCAPE);
  });

  it("`echo hi | mangahub chat send` sends what comes, without the last line feed", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send"], { input: "hi\n" });
    await machine.ok(["chat", "send", "-"], { input: "two\nlines\n" });
    expect(await machine.messages()).toMatchObject([{ message: "hi" }, { message: "two\nlines" }]);
  });

  it("`mangahub chat join < file` says the lines, shows them and ends well", async () => {
    const machine = await newMachine();
    const ended = await machine.run(["chat", "join", "--name", "nami"], { input: "one\ntwo\n" });
    expect(ended.code).toBe(0);
    expect(ended.stdout.match(/nami: \w+/g)).toEqual(["nami: one", "nami: two"]);
    expect(ended.stderr).toBe("mangahub: you are nami in #general; /help for help\n");
  });

  it("a thousand lines at once arrive once each, in order", async () => {
    const machine = await newMachine();
    await machine.serve(["--no-limits"]);
    const texts = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
    const ended = await machine.run(["chat", "join", "--name", "nami"], { input: `${texts.join("\n")}\n` });
    expect(ended.code).toBe(0);
    expect((await machine.messages("--limit", "2000")).map(({ message }) => message)).toEqual(texts);
    expect(ended.stdout.match(/(?<=nami: ).*/g)).toEqual(texts);
  });

  it("a flood against the hub's limits is slowed down, not lost", async () => {
    const machine = await newMachine({
      MANGAHUB_LIMITS_MESSAGES_PER_SECOND: "100",
      MANGAHUB_LIMITS_MESSAGE_BURST: "20",
    });
    const texts = Array.from({ length: 150 }, (_, index) => `line ${index}`);
    const ended = await machine.run(["chat", "join", "--name", "nami"], { input: `${texts.join("\n")}\n` });
    expect(ended.code).toBe(0);
    expect((await machine.messages("--limit", "2000")).map(({ message }) => message)).toEqual(texts);
  });

  it("--json prints one object a line, and people's words on stderr", async () => {
    const machine = await newMachine();
    const ended = await machine.run(["chat", "join", "--json", "--name", "nami"], { input: "one\n/users\n" });
    const objects = ended.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects).toContainEqual(expect.objectContaining({ message: "one", username: "nami", seq: 1 }));
    expect(JSON.parse(await machine.ok(["chat", "send", "two", "--json"]))).toMatchObject({
      seq: 2,
      room_id: "general",
    });
    expect(JSON.parse(await machine.ok(["chat", "rooms", "--json"]))).toMatchObject({ room_id: "general", head: 2 });
  });

  it("ends quietly when the reader of a conversation has gone", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami");
    nami.closeStdout();
    await machine.ok(["chat", "send", "hi", "--name", "zoro"]);
    expect(await nami.ended).toMatchObject({ code: 0 });
  });

  it("a signal ends the chat with the code of an interruption, and what was typed is stored", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami");
    nami.say("last words");
    await nami.stdout.until("nami: last words");
    nami.kill("SIGTERM");
    expect(await nami.ended).toMatchObject({ code: 130 });
    expect(await machine.messages()).toMatchObject([{ message: "last words" }]);
  });
});
