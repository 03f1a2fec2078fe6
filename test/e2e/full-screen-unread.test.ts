import { describe, expect, it } from "vitest";
import { WebSocketClient } from "../../src/client/node.js";
import type { RoomId } from "../../src/protocol/room-id.js";
import { ENTER, joinOnScreen, seen, settled } from "../support/full-screen.js";
import { type Machine, newMachine } from "../support/machine.js";

const END = "\u001b[1;5F";
const ROOM = "ra" as RoomId;

/** Zoro says these things in the room. */
async function tell(machine: Machine, ...texts: readonly string[]): Promise<void> {
  const zoro = new WebSocketClient(`${machine.url}/ws`, "zoro", "zoro");
  try {
    await zoro.connectOnly();
    for (const text of texts) await zoro.sendMessage(text, { room_id: ROOM });
  } finally {
    await zoro.disconnect();
  }
}

/** A hub with a room where something was said, and where nami has been for a moment. */
async function visited(): Promise<Machine> {
  const machine = await newMachine();
  await machine.serve();
  await tell(machine, "welcome");
  const nami = await machine.join("nami", ["--room", ROOM]);
  await nami.hangUp();
  return machine;
}

const unreadOf = (machine: Machine) => machine.ok(["chat", "unread", "--name", "nami"]);

describe("what is unread", () => {
  it("is told of a room that was visited for a moment only, without a word or a key", async () => {
    const machine = await visited();
    await tell(machine, "@nami one");
    expect(await unreadOf(machine)).toContain("1  #ra");
  });

  it("stands beside the rooms that one follows", async () => {
    const machine = await visited();
    await tell(machine, "one");
    const rooms = async (name: string) => await machine.ok(["chat", "rooms", "--name", name]);
    expect(await rooms("nami")).toMatch(/^ra +\d+ online +2 messages +1 unread +last .* UTC$/m);
    expect(await rooms("sanji")).toMatch(/^ra +\d+ online +2 messages {2}last .* UTC$/m);
    const row = JSON.parse(await machine.ok(["chat", "rooms", "--name", "nami", "--json"]));
    expect(row).toMatchObject({ room_id: "ra", head: 2, unread: 1 });
  });

  it("is not told of a room that was left for good", async () => {
    const machine = await visited();
    await tell(machine, "one");
    const { terminal } = await joinOnScreen({ machine, name: "nami" });
    await seen(terminal, "#ra(1)");
    terminal.type(`/part ra${ENTER}`);
    await seen(terminal, "you have left #ra for good; /join ra comes back");
    await tell(machine, "two");
    expect(await unreadOf(machine)).toBe("");
  });

  it("begins with a line in a room that was left, when the reader comes back", async () => {
    const machine = await visited();
    const { terminal } = await joinOnScreen({ machine, name: "nami", args: ["--room", ROOM] });
    await seen(terminal, "welcome");
    terminal.type(`/join rb${ENTER}`);
    await seen(terminal, "you are in #rb now");
    await tell(machine, "two @nami");
    terminal.type(`/join ra${ENTER}`);
    await seen(terminal, /╌ 1 new since \d\d:\d\d ╌/);
  });

  it("stays unread until it was on the screen, or the reader goes to the end", async () => {
    const machine = await visited();
    await tell(machine, ...Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
    const { terminal } = await joinOnScreen({ machine, name: "nami", args: ["--room", ROOM] });
    await seen(terminal, "line 60");
    await settled(terminal);
    expect(await unreadOf(machine)).toContain("60  #ra");
    terminal.type(END);
    await expect.poll(() => unreadOf(machine)).toBe("");
  });
});
