import { describe, expect, it } from "vitest";
import { newMachine, type Program } from "../support/machine.js";

function said(program: Program): string[] {
  return program.stdout.lines.flatMap((line) => /^\d\d:\d\d (\w+: .*)$/.exec(line)?.[1] ?? []);
}

describe("two people in two terminals", () => {
  it("see each other come, talk and leave", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami", ["--room", "one-piece"]);
    const zoro = await machine.join("zoro", ["--manga-id", "one-piece"]);
    await nami.stdout.until("* zoro joined");
    nami.say("hello");
    await zoro.stdout.until("nami: hello");
    zoro.say("hi", "/pm nami psst", "/users");
    await nami.stdout.until("zoro: hi");
    await nami.stdout.until("(from zoro) psst");
    await zoro.stdout.until("(to nami) psst");
    expect(await machine.ok(["chat", "users"])).toMatch(
      /^(nami {2}#one-piece\nzoro|zoro {2}#one-piece\nnami) {2}#one-piece\n$/,
    );
    zoro.say("/quit");
    expect(await zoro.ended).toMatchObject({ code: 0 });
    await nami.stdout.until("* zoro left");
    expect(await nami.hangUp()).toMatchObject({ code: 0 });
    expect(said(nami)).toEqual(["nami: hello", "zoro: hi"]);
    expect(await machine.messages("--room", "one-piece")).toMatchObject([{ message: "hello" }, { message: "hi" }]);
  });

  it("are back after a kill -9 of the hub, with nothing lost, doubled or out of order", async ({ annotate }) => {
    const machine = await newMachine();
    const [nami, zoro] = [await machine.join("nami"), await machine.join("zoro")];
    nami.say("before");
    await zoro.stdout.until("nami: before");
    const { pid } = await machine.hub();
    await machine.endHub("SIGKILL");
    const killed = performance.now();
    await Promise.all([nami, zoro].map((person) => person.stderr.until("the connection is lost")));
    nami.say("down 1", "down 2");
    zoro.say("also down");
    await Promise.all([nami, zoro].map((person) => person.stderr.until("connected again")));
    const back = Math.round(performance.now() - killed);
    await annotate(`both were back after ${back} ms`);
    await Promise.all([zoro.stdout.until("nami: down 2"), nami.stdout.until("zoro: also down")]);
    expect((await machine.hub()).pid).not.toBe(pid);
    nami.say("after");
    await Promise.all([zoro.stdout.until("nami: after"), nami.stdout.until("nami: after")]);
    const texts = (await machine.messages()).map(({ username, message }) => `${username}: ${message}`);
    expect(texts.filter((text) => text.startsWith("nami"))).toEqual([
      "nami: before",
      "nami: down 1",
      "nami: down 2",
      "nami: after",
    ]);
    expect(texts).toHaveLength(5);
    expect(said(nami)).toEqual(texts);
    expect(said(zoro)).toEqual(texts);
    for (const person of [nami, zoro]) expect(await person.hangUp()).toMatchObject({ code: 0 });
  });

  it("lose nothing when the hub is killed again and again in the middle of a conversation", async () => {
    const machine = await newMachine();
    const [nami, zoro] = [await machine.join("nami"), await machine.join("zoro")];
    const expected: string[] = [];
    for (const round of [1, 2, 3]) {
      const texts = Array.from({ length: 20 }, (_, index) => `r${round} m${index}`);
      expected.push(...texts);
      nami.say(...texts);
      await zoro.stdout.until(`nami: r${round} m5`);
      const { stderr } = zoro;
      const from = stderr.text.length;
      await machine.endHub("SIGKILL");
      await stderr.until("connected again", from);
      await zoro.stdout.until(`nami: r${round} m19`);
    }
    await nami.stdout.until("nami: r3 m19");
    expect(said(zoro)).toEqual(expected.map((text) => `nami: ${text}`));
    expect(said(nami)).toEqual(said(zoro));
    expect((await machine.messages("--limit", "100")).map(({ message }) => message)).toEqual(expected);
  });

  it("come back to a hub that was stopped gracefully, too", async () => {
    const machine = await newMachine();
    const nami = await machine.join("nami");
    await machine.endHub("SIGTERM");
    await nami.stderr.until("connected again");
    nami.say("still here");
    await nami.stdout.until("nami: still here");
  });

  it("a second person who wants the same name gets name_2", async () => {
    const machine = await newMachine();
    const other = await newMachine({ MANGAHUB_CLIENT_SERVER: machine.url });
    await machine.join("nami");
    const second = other.start(["chat", "join", "--name", "nami"]);
    await second.stderr.until("you are nami_2 (--name nami) in");
    await second.stdout.until("nami is taken on this server");
  });

  it("the same person in two terminals sees both", async () => {
    const machine = await newMachine();
    const [one, two] = [await machine.join("nami"), await machine.join("nami")];
    one.say("from one");
    await two.stdout.until("nami: from one");
    two.say("from two");
    await one.stdout.until("nami: from two");
    await one.hangUp();
    expect(said(one)).toEqual(["nami: from one", "nami: from two"]);
  });
});
