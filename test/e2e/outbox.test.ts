import { describe, expect, it } from "vitest";
import { type Machine, newMachine } from "../support/machine.js";

/** A person's machine, and a server elsewhere that does not run yet. */
async function newPair(): Promise<{ machine: Machine; elsewhere: Machine; there: readonly string[] }> {
  const [machine, elsewhere] = [await newMachine(), await newMachine()];
  return { machine, elsewhere, there: ["--server", elsewhere.url] };
}

async function stored(server: Machine): Promise<string[]> {
  return (await server.messages()).map(({ message }) => message);
}

describe("a message for a server that is not there", () => {
  it("is kept, and the sender is told", async () => {
    const { machine, elsewhere, there } = await newPair();
    const kept = await machine.run(["chat", "send", "hi", ...there]);
    expect(kept).toMatchObject({ code: 7, stdout: "" });
    expect(kept.stderr.split("\n")).toHaveLength(3);
    expect(kept.stderr).toMatch(/^mangahub: the message is kept, not delivered: .*\n {2}the next command .*\n$/);
    expect(kept.stderr).toContain(`127.0.0.1:${elsewhere.port}`);
    expect(await machine.ok(["chat", "outbox", ...there])).toMatch(/^\S+ {2}.* {2}#general {2}hi {2}\(waits\)\n$/);
    const json = await machine.ok(["chat", "outbox", "--json", ...there]);
    expect(JSON.parse(json)).toMatchObject({ message: "hi", destination: { room_id: "general" } });
    expect(await machine.ok(["chat", "outbox"])).toBe("");
  });

  it.each([
    ["send", ["chat", "send", "next"], ["hi", "next"]],
    ["rooms", ["chat", "rooms"], ["hi"]],
    ["users", ["chat", "users"], ["hi"]],
    ["history", ["chat", "history"], ["hi"]],
    ["join", ["chat", "join"], ["hi"]],
    ["outbox --retry", ["chat", "outbox", "--retry"], ["hi"]],
  ])("is delivered once by the next `%s`", async (_, args, messages) => {
    const { machine, elsewhere, there } = await newPair();
    expect(await machine.run(["chat", "send", "hi", ...there])).toMatchObject({ code: 7 });
    await elsewhere.serve();
    expect(await machine.run([...args, ...there])).toMatchObject({ code: 0 });
    expect(await stored(elsewhere)).toEqual(messages);
    await machine.ok(["chat", "rooms", ...there]);
    expect(await stored(elsewhere)).toEqual(messages);
    expect(await machine.ok(["chat", "outbox", ...there])).toBe("");
  });

  it("is shown by the history that delivered it", async () => {
    const { machine, elsewhere, there } = await newPair();
    await machine.run(["chat", "send", "hi", ...there]);
    await elsewhere.serve();
    expect(await machine.ok(["chat", "history", ...there])).toMatch(/: hi\n$/);
  });

  it("does not reach the local hub", async () => {
    const { machine, there } = await newPair();
    await machine.run(["chat", "send", "not for here", ...there]);
    await machine.ok(["chat", "send", "here"]);
    expect(await stored(machine)).toEqual(["here"]);
  });

  it("does not reach another server that has taken the address meanwhile", async () => {
    const { machine, elsewhere, there } = await newPair();
    const first = await elsewhere.serve();
    await machine.ok(["chat", "send", "one", ...there]);
    first.kill("SIGTERM");
    await first.ended;
    expect(await machine.run(["chat", "send", "for the first", ...there])).toMatchObject({ code: 7 });
    const second = await elsewhere.serve(["--data-dir", elsewhere.file("other")]);
    await machine.ok(["chat", "send", "for the second", ...there]);
    expect(await stored(elsewhere)).toEqual(["for the second"]);
    second.kill("SIGTERM");
    await second.ended;
    await elsewhere.serve();
    await machine.ok(["chat", "rooms", ...there]);
    expect(await stored(elsewhere)).toEqual(["one", "for the first"]);
  });

  it("waits in order with others, and all go at once", async () => {
    const { machine, elsewhere, there } = await newPair();
    for (const text of ["1", "2", "3"]) await machine.run(["chat", "send", text, ...there]);
    await elsewhere.serve();
    await machine.ok(["chat", "send", "4", ...there]);
    expect(await stored(elsewhere)).toEqual(["1", "2", "3", "4"]);
  });

  it("waits for its own author", async () => {
    const { machine, elsewhere, there } = await newPair();
    await machine.run(["chat", "send", "of nami", "--name", "nami", ...there]);
    await elsewhere.serve();
    await machine.ok(["chat", "send", "of zoro", "--name", "zoro", ...there]);
    expect(await stored(elsewhere)).toEqual(["of zoro"]);
    await machine.ok(["chat", "rooms", "--name", "nami", ...there]);
    expect(await elsewhere.messages()).toMatchObject([{ username: "zoro" }, { username: "nami", message: "of nami" }]);
  });

  it("says what was seen before when history cannot be read", async () => {
    const { machine, elsewhere, there } = await newPair();
    expect(await machine.run(["chat", "history", ...there])).toMatchObject({ code: 4, stdout: "" });
    const server = await elsewhere.serve();
    await elsewhere.ok(["chat", "send", "seen", "--name", "zoro"]);
    await machine.run(["chat", "join", ...there]);
    server.kill("SIGTERM");
    await server.ended;
    const cached = await machine.run(["chat", "history", ...there]);
    expect(cached.code).toBe(0);
    expect(cached.stdout).toMatch(/zoro: seen\n$/);
    expect(cached.stderr).toMatch(/^mangahub: .*; this is what was seen up to \d{4}-.*\n$/);
  });
});

describe("a message that the server refuses for good", () => {
  it("is listed as refused, sent again on --retry and given up on --drop", async () => {
    const machine = await newMachine();
    const refused = await machine.run(["chat", "send", "psst", "--to", "nobody-here"]);
    expect(refused).toMatchObject({ code: 6, stdout: "" });
    expect(refused.stderr).toMatch(/^mangahub: .*nobody-here.*\n/);
    expect(refused.stderr).not.toContain("    at ");
    expect(refused.stderr).toMatch(/the message is kept: mangahub chat outbox --retry .*, --drop \S+ gives it up\n$/);
    const listed = await machine.ok(["chat", "outbox"]);
    expect(listed).toMatch(/@nobody-here {2}psst {2}\(refused: .*\)\n$/);
    expect(await machine.ok(["chat", "rooms"])).toBe("");
    expect((await machine.run(["chat", "outbox", "--retry"])).stdout).toBe(listed);
    const id = listed.split(" ", 1)[0] ?? "";
    expect(await machine.run(["chat", "outbox", "--drop", "nonsense"])).toMatchObject({ code: 2 });
    expect(await machine.ok(["chat", "outbox", "--drop", id])).toBe("");
  });

  it("goes out on --retry once the server takes it", async () => {
    const machine = await newMachine();
    expect(await machine.run(["chat", "send", "psst", "--to", "zoro", "--name", "nami"])).toMatchObject({ code: 6 });
    await machine.ok(["chat", "send", "I am here", "--name", "zoro"]);
    expect(await machine.ok(["chat", "outbox", "--retry", "--name", "nami"])).toBe("");
    const pms = await machine.ok(["chat", "history", "--with", "nami", "--name", "zoro"]);
    expect(pms).toContain("psst");
  });

  it("with a refused message is not said to be on its way, and shows it in no room that it was not for", async () => {
    const machine = await newMachine();
    expect(await machine.run(["chat", "send", "psst", "--to", "nobody-here"])).toMatchObject({ code: 6 });
    const left = await machine.run(["chat", "join"], { input: "/status\n/drop 2\n/quit\n" });
    expect(left.code).toBe(6);
    expect(left.stderr).toMatch(/you are \S+ in #general; 1 refused;/);
    expect(left.stderr).toContain("1 message is refused by the server and kept apart");
    expect(left.stderr).not.toContain("delivers");
    expect(left.stdout).not.toContain("not sent");
    expect(left.stdout).toMatch(/outbox {6}1 refused\n.*1 to @nobody-here, refused \(.*\): psst/);
    expect(left.stdout).toContain("no refused message has the number 2");
    const dropped = await machine.run(["chat", "join"], { input: "/drop 1\n/quit\n" });
    expect([dropped.code, dropped.stdout.includes("dropped 1")]).toEqual([0, true]);
  });
});
