import { describe, expect, it } from "vitest";
import { newMachine } from "../support/machine.js";

describe("mangahub chat unread", () => {
  it("lists what somebody has not read, from the hub, and without one from its database", async () => {
    const machine = await newMachine();
    const hub = await machine.serve();
    expect(await machine.run(["chat", "unread", "--name", "zoro"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "mangahub: nothing is unread\n",
    });
    for (const text of ["psst", `are you there?\u001b[31m ${"x".repeat(80)}`]) {
      await machine.ok(["chat", "send", text, "--to", "zoro", "--name", "nami"]);
    }
    await machine.ok(["chat", "send", "to everybody", "--name", "nami"]);
    const unread = async () => await machine.ok(["chat", "unread", "--name", "zoro"]);
    const line = `   2  @nami  nami: are you there?[31m ${"x".repeat(38)}...\n`;
    expect(await unread()).toBe(line);
    // One's own messages in a direct room are read.
    expect(await machine.ok(["chat", "unread", "--json", "--name", "nami"])).toBe("");
    const stdout = await machine.ok(["chat", "unread", "--json", "--name", "zoro"]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "direct", head: 2, read: 0, unread: 2, last: { seq: 2 } });
    hub.kill("SIGTERM");
    await hub.ended;
    expect(await unread()).toBe(line);
  });
});
