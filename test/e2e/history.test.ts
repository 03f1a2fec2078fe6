import { describe, expect, it } from "vitest";
import { type Machine, newMachine } from "../support/machine.js";

async function withLines(count: number): Promise<Machine> {
  const machine = await newMachine();
  await machine.serve(["--no-limits"]);
  const texts = Array.from({ length: count }, (_, index) => `m${index + 1}`);
  await machine.run(["chat", "join", "--name", "nami"], { input: `${texts.join("\n")}\n` });
  return machine;
}

function seqs(messages: readonly { readonly seq: number }[]): number[] {
  return messages.map(({ seq }) => seq);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe("mangahub chat history", () => {
  it("gives as many messages as asked for, page after page", async () => {
    const machine = await withLines(1100);
    expect(seqs(await machine.messages())).toEqual(range(1051, 1100));
    expect(seqs(await machine.messages("--limit", "3"))).toEqual([1098, 1099, 1100]);
    expect(seqs(await machine.messages("--limit", "1050"))).toEqual(range(51, 1100));
    expect(seqs(await machine.messages("--limit", "999999"))).toEqual(range(1, 1100));
    expect(seqs(await machine.messages("--limit", "600", "--before", "700"))).toEqual(range(100, 699));
    expect(seqs(await machine.messages("--since", "1h"))).toEqual(range(1, 1100));
    expect(await machine.messages("--since", "2999-01-01")).toEqual([]);
    expect(await machine.messages("--before", "1")).toEqual([]);
  });

  it("gives the same without a hub", async () => {
    const machine = await newMachine();
    const texts = Array.from({ length: 700 }, (_, index) => `m${index + 1}`);
    const hub = await machine.serve(["--no-limits"]);
    await machine.run(["chat", "join", "--name", "nami"], { input: `${texts.join("\n")}\n` });
    const before = await machine.messages("--limit", "650", "--before", "690");
    hub.kill("SIGTERM");
    await hub.ended;
    expect(await machine.messages("--limit", "650", "--before", "690")).toEqual(before);
    expect(seqs(before)).toEqual(range(40, 689));
  });

  it("shows direct messages to the two who had them, and nobody else", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send", "I am zoro", "--name", "zoro"]);
    await machine.ok(["chat", "send", "psst", "--to", "zoro", "--name", "nami"]);
    for (const [name, other] of [
      ["nami", "zoro"],
      ["zoro", "nami"],
    ] as const) {
      expect(await machine.messages("--with", other, "--name", name)).toMatchObject([{ message: "psst" }]);
    }
    await machine.ok(["chat", "send", "I am usopp", "--name", "usopp"]);
    const curious = await machine.run(["chat", "history", "--with", "zoro", "--name", "usopp"]);
    expect(curious.stdout).toBe("");
    expect(await machine.messages()).toHaveLength(2);
  });

  it("shows which message an answer answers", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send", "question"]);
    await machine.ok(["chat", "send", "answer", "--reply-to", "1"]);
    expect(await machine.messages()).toMatchObject([{ seq: 1 }, { seq: 2, reply_to: expect.anything() }]);
  });

  it("marks an answer with the number it answers, and says which room it is", async () => {
    const machine = await newMachine({ TZ: "UTC" });
    await machine.ok(["chat", "send", "two", "words", "-m", "One Piece"]);
    await machine.ok(["chat", "send", "answer", "--reply-to", "1", "-m", "one-piece"]);
    const lines = (await machine.ok(["chat", "history", "-m", "#One-Piece", "-l", "2"])).split("\n");
    expect(await machine.ok(["chat", "rooms"])).toMatch(/^one-piece +\d+ online +2 messages /m);
    await machine.ok(["chat", "send", "hi"]);
    expect(await machine.ok(["chat", "rooms", "--server", machine.url.replace("ws://", "")])).toMatch(/ 1 message /);
    expect(lines[0]).toMatch(/^--- \d{4}-\d\d-\d\d #one-piece ---$/);
    expect(lines[1]).toMatch(/^ {3}1 {2}\d\d:\d\d \S+: two words$/);
    expect(lines[2]).toMatch(/^ {3}2 {2}\d\d:\d\d \S+ \(to 1\): answer$/);
  });

  it("takes a day for the local one", async () => {
    const machine = await newMachine({ TZ: "Pacific/Kiritimati" });
    await machine.ok(["chat", "send", "hi"]);
    const [, day = ""] = /^--- (\S+) /.exec(await machine.ok(["chat", "history"])) ?? [];
    expect(await machine.messages("--since", day)).toMatchObject([{ message: "hi" }]);
    const west = { env: { TZ: "Pacific/Niue" } };
    const [, western = ""] = /^--- (\S+) /.exec(await machine.ok(["chat", "history"], west)) ?? [];
    expect(await machine.ok(["chat", "history", "--since", western], west)).toContain("hi");
  });

  it("says of a room nobody has written to that nothing has been said there", async () => {
    const machine = await newMachine();
    for (const start of [false, true]) {
      if (start) await machine.serve();
      const ended = await machine.run(["chat", "history", "--room", "nosuch"]);
      expect(ended).toMatchObject({ code: 0, stdout: "", stderr: "mangahub: nothing has been said in #nosuch\n" });
    }
    expect((await machine.run(["chat", "users", "--room", "nosuch"])).stderr).toContain("nobody is in #nosuch");
  });

  it("--follow shows what is said, through a restart of the hub, until it is interrupted", async () => {
    const machine = await newMachine();
    await machine.ok(["chat", "send", "one"]);
    const reader = machine.start(["chat", "history", "--follow"]);
    await reader.stdout.until(": one\n");
    await machine.ok(["chat", "send", "two"]);
    await reader.stdout.until(": two\n");
    await machine.endHub("SIGKILL");
    await machine.ok(["chat", "send", "three"]);
    await reader.stdout.until(": three\n");
    reader.kill("SIGINT");
    const { code, stdout } = await reader.ended;
    expect(code).toBe(130);
    expect(stdout.match(/(?<=: )\w+$/gm)).toEqual(["one", "two", "three"]);
  });

  it("--follow of a room nobody has written to waits for its first message", async () => {
    const machine = await newMachine();
    const hub = await machine.serve();
    const reader = machine.start(["chat", "history", "--follow", "--room", "new", "--json"]);
    await hub.stderr.until('"connected"');
    await machine.ok(["chat", "send", "first", "--room", "new"]);
    await reader.stdout.until('"first"');
  });
});
