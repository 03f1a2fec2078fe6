import { describe, expect, it } from "vitest";
import type { DurableEvent } from "../../../../src/protocol/durable-event.js";
import { Device } from "../../../../src/server/hub/device.js";
import { FanOut } from "../../../../src/server/hub/fan-out.js";
import type { Encoder } from "../../../../src/server/hub/outlet.js";
import { Room } from "../../../../src/server/hub/room.js";
import { RoomSending } from "../../../../src/server/hub/room-sending.js";
import { encodePlainly, FakeOutlet, fakeDevice, fakeFacts, ROOM, seat } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

const event = (seq: number): DurableEvent => ({ type: "message.new", payload: messageOf(seq, ROOM) });

/** A room of this many readers, with a sending of its own that the test moves. */
function crowd(size: number, encode: Encoder = encodePlainly) {
  const room = new Room(
    ROOM,
    { epoch: "e", head: 0, oldest: 1 },
    { members: [], encode, max_recent: 256, fanOut: new FanOut() },
  );
  const readers = Array.from({ length: size }, (_, index) => fakeDevice(`r${index}`));
  for (const device of readers) seat(room, device);
  const served = () => readers.filter(({ outlet }) => outlet.written.length > 0).length;
  return { room, readers, served, sending: new RoomSending(room) };
}

/** A time that has come already: a slice ends at the first look at the clock. */
const NOW = 0;
const NEVER = Number.POSITIVE_INFINITY;

describe("a room's sending", () => {
  it("is cut where the time is over, and goes on there", () => {
    const { sending: pass, served } = crowd(40);
    pass.push([event(1), event(2)]);
    expect([pass.sendUntil(NOW), served()]).toEqual([false, 16]);
    expect([pass.sendUntil(NOW), served()]).toEqual([false, 32]);
    expect([pass.sendUntil(NOW), served()]).toEqual([true, 40]);
  });

  it("gives everybody every event once and in order, also those that come between two slices", () => {
    const { sending: pass, readers } = crowd(40);
    pass.push([event(1)]);
    pass.sendUntil(NOW);
    pass.push([event(2)]);
    pass.sendUntil(NOW);
    pass.push([event(3)]);
    expect(pass.sendUntil(NEVER)).toBe(true);
    for (const { outlet } of readers) expect(outlet.written).toEqual(["1", "2", "3"]);
  });

  it("writes once to those whose turn comes after an event, and encodes it once", () => {
    const encoded: string[] = [];
    const { sending: pass, readers } = crowd(40, (event, ...rest) => {
      if (event.type === "message.new") encoded.push(String(event.payload.seq));
      return encodePlainly(event, ...rest);
    });
    pass.push([event(1)]);
    pass.sendUntil(NOW);
    pass.push([event(2), event(3)]);
    pass.sendUntil(NOW);
    pass.push([event(4)]);
    expect(pass.sendUntil(NEVER)).toBe(true);
    expect(readers.map(({ outlet }) => outlet.written)).toEqual(readers.map(() => ["1", "2", "3", "4"]));
    // 16 were written to before the second event came, 16 before the fourth.
    const writes = readers.map(({ outlet }) => outlet.writes);
    expect(writes).toEqual([...Array(32).fill(2), ...Array(8).fill(1)]);
    expect(encoded).toEqual(["1", "2", "3", "4"]);
  });

  it("has the right frames for readers of another variant, who had none of the round before", () => {
    const {
      sending: pass,
      room,
      readers,
    } = crowd(40, (event, variant, context) =>
      Buffer.concat([Buffer.from(`${variant} `), encodePlainly(event, variant, context) ?? Buffer.alloc(0)]),
    );
    pass.push([event(1)]);
    pass.sendUntil(NOW);
    const outlet = new FakeOutlet("other");
    seat(room, new Device({ ...fakeFacts("Other"), outlet }), 1);
    pass.push([event(2)]);
    pass.sendUntil(NOW);
    pass.push([event(3)]);
    expect(pass.sendUntil(NEVER)).toBe(true);
    expect(outlet.written).toEqual(["other 2", "other 3"]);
    expect(readers.map((reader) => reader.outlet.written)).toEqual(
      readers.map(() => ["plain 1", "plain 2", "plain 3"]),
    );
  });

  it("writes no more than 128 KiB of text at a time, and forgets nothing", () => {
    const { sending: pass, readers } = crowd(20);
    const long = (seq: number): DurableEvent => ({
      type: "message.new",
      payload: { ...messageOf(seq, ROOM), message: "x".repeat(60 * 1024) },
    });
    pass.push([long(1)]);
    pass.sendUntil(NOW);
    pass.push([long(2), long(3), long(4)]);
    expect(pass.sendUntil(NEVER)).toBe(true);
    expect(readers.map(({ outlet }) => outlet.written)).toEqual(readers.map(() => ["1", "2", "3", "4"]));
    // The first two together, for the third would be too much; it and the fourth wait for rounds of their own.
    expect(readers.at(-1)?.outlet.writes).toBe(3);
  });

  it("lets at most 4096 events wait, whoever else waits for that", () => {
    const { sending: pass, readers } = crowd(40);
    pass.push([event(1)]);
    pass.sendUntil(NOW);
    for (let seq = 2; seq < 4096; seq += 1) pass.push([event(seq)]);
    expect(readers.at(-1)?.outlet.written).toHaveLength(0);
    pass.push([event(4096)]);
    expect(readers.map(({ outlet }) => outlet.written.length)).toEqual(readers.map(() => 4096));
  });

  it("sends nothing again to those who came between two slices and know it already", () => {
    const { sending: pass, room } = crowd(20);
    const [late, between] = [fakeDevice("late"), fakeDevice("between")];
    pass.push([event(1), event(2)]);
    pass.sendUntil(NOW);
    pass.push([event(3), event(4)]);
    // One was given everything in its answer, the other all but the last, which was committed after it.
    seat(room, late, 4);
    seat(room, between, 3);
    expect(pass.sendUntil(NEVER)).toBe(true);
    expect([late.outlet.written, between.outlet.written]).toEqual([[], ["4"]]);
  });

  it("sends nothing more to those who left between two slices, and leaves out who is behind", () => {
    const { sending: pass, readers, room } = crowd(20);
    const [gone, slow] = readers.slice(-2);
    if (gone === undefined || slow === undefined) throw new Error("the crowd is too small");
    pass.push([event(1)]);
    pass.sendUntil(NOW);
    room.subscriptions.delete(gone);
    slow.outlet.behind = true;
    pass.sendUntil(NEVER);
    expect([gone.outlet.written, slow.outlet.written]).toEqual([[], []]);
    expect(room.subscriptions.get(slow)).toMatchObject({ live: false, position: 0 });
  });
});
