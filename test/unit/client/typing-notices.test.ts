import { describe, expect, it } from "vitest";
import { TypingNotices } from "../../../src/client/typing-notices.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

const GENERAL = "general" as RoomId;
const MANGA = "one-piece" as RoomId;

function setUp() {
  const runtime = new VirtualRuntime();
  const began = runtime.now();
  const said: string[] = [];
  const say = (type: string, room_id: RoomId) => void said.push(`${runtime.now() - began} ${type} ${room_id}`);
  return { runtime, said, notices: new TypingNotices({ runtime: () => runtime, say }) };
}

describe("typing notices", () => {
  it("start at once, and again every three seconds at most", () => {
    const { notices, said, runtime } = setUp();
    for (let time = 0; time <= 7000; time += 100) {
      notices.changed(GENERAL, true);
      runtime.advance(100);
    }
    expect(said).toEqual(["0 typing.start general", "3000 typing.start general", "6000 typing.start general"]);
  });

  it("are of one room each", () => {
    const { notices, said } = setUp();
    notices.changed(GENERAL, true);
    notices.changed(MANGA, true);
    notices.changed(GENERAL, false);
    notices.changed(MANGA, false);
    expect(said).toEqual([
      "0 typing.start general",
      "0 typing.start one-piece",
      "0 typing.stop general",
      "0 typing.stop one-piece",
    ]);
  });

  it("stop once, and only what was started", () => {
    const { notices, said } = setUp();
    notices.changed(GENERAL, false);
    notices.changed(GENERAL, true);
    notices.changed(GENERAL, false);
    notices.changed(GENERAL, false);
    expect(said).toEqual(["0 typing.start general", "0 typing.stop general"]);
  });

  it("start as soon as they may after a stop, if there is still something to tell", () => {
    const { notices, said, runtime } = setUp();
    notices.changed(GENERAL, true);
    notices.changed(GENERAL, false);
    runtime.advance(100);
    notices.changed(GENERAL, true);
    notices.changed(GENERAL, true);
    runtime.advance(2899);
    expect(said).toHaveLength(2);
    runtime.advance(1);
    expect(said.slice(2)).toEqual(["3000 typing.start general"]);
    notices.changed(GENERAL, false);
    notices.changed(GENERAL, true);
    notices.changed(GENERAL, false);
    runtime.advance(10_000);
    expect([said.length, runtime.timers]).toEqual([4, 0]);
  });

  it("are over with the client, and remembered of a few rooms only", () => {
    const { notices, said, runtime } = setUp();
    for (let round = 0; round < 2; round += 1) {
      for (let room = 0; room < 100; room += 1) notices.changed(`room-${room}` as RoomId, round === 0);
    }
    expect(said.filter((line) => line.includes("stop"))).toHaveLength(0);
    notices.changed(GENERAL, true);
    notices.changed(GENERAL, false);
    notices.changed(GENERAL, true);
    notices.end();
    expect(runtime.timers).toBe(0);
  });
});
