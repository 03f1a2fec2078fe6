import { describe, expect, it } from "vitest";
import { Throttle } from "../../../../src/server/hub/throttle.js";
import { fakeDevice, ROOM } from "../../../support/fake-device.js";

const generous = 1_000_000;
const limits = {
  enabled: true,
  messages_per_second: 10,
  message_burst: 2,
  user_messages_per_second: generous,
  user_message_burst: generous,
  address_messages_per_second: generous,
  address_message_burst: generous,
  room_messages_per_second: generous,
  room_message_burst: generous,
  requests_per_second: 1,
  request_burst: 1,
  rooms_per_hour: 2,
};

describe("the throttle", () => {
  it("counts by connection, and lets pass again after the wait it named", () => {
    let now = 0;
    const throttle = new Throttle(limits, () => now);
    const [one, other] = [fakeDevice("Nami", "1"), fakeDevice("Nami", "2")];
    expect([throttle.message(one, ROOM), throttle.message(one, ROOM)]).toEqual([0, 0]);
    const wait = throttle.message(one, ROOM);
    expect(wait).toBe(100);
    expect(throttle.message(other, ROOM)).toBe(0);
    now += wait - 1;
    expect(throttle.message(one, ROOM)).toBe(1);
    now += 1;
    expect(throttle.message(one, ROOM)).toBe(0);
  });

  it("counts a user's connections, an address and a room together", () => {
    const cases = [
      { user_message_burst: 1, message_burst: 9 },
      { address_message_burst: 1, message_burst: 9 },
      { room_message_burst: 1, message_burst: 9 },
    ];
    for (const change of cases) {
      const throttle = new Throttle({ ...limits, ...change }, () => 0);
      expect(throttle.message(fakeDevice("Nami", "1"), ROOM)).toBe(0);
      expect(throttle.message(fakeDevice("Nami", "2"), ROOM)).toBeGreaterThan(0);
    }
  });

  it("takes nothing anywhere when one of the buckets is empty", () => {
    let now = 0;
    const throttle = new Throttle({ ...limits, room_message_burst: 1, room_messages_per_second: 1 }, () => now);
    const one = fakeDevice("Nami");
    expect(throttle.message(one, ROOM)).toBe(0);
    for (let attempt = 0; attempt < 50; attempt += 1) expect(throttle.message(one, ROOM)).toBeGreaterThan(0);
    now += 1000;
    expect(throttle.message(one, ROOM)).toBe(0);
  });

  it("has buckets of their own for requests and for the making of rooms", () => {
    const throttle = new Throttle(limits, () => 0);
    const one = fakeDevice("Nami");
    expect([throttle.request(one), throttle.makeRoom(one), throttle.makeRoom(one)]).toEqual([0, 0, 0]);
    expect([throttle.request(one), throttle.makeRoom(one)]).toEqual([1000, 1_800_000]);
  });

  it("forgets nothing that is not full again", () => {
    let now = 0;
    const throttle = new Throttle(limits, () => now);
    const one = fakeDevice("Nami");
    throttle.message(one, ROOM);
    throttle.message(one, ROOM);
    throttle.prune();
    expect(throttle.message(one, ROOM)).toBeGreaterThan(0);
    now += 1000;
    throttle.prune();
    expect(throttle.message(one, ROOM)).toBe(0);
  });

  it("lets everything pass when it is switched off", () => {
    const throttle = new Throttle({ ...limits, enabled: false }, () => 0);
    const one = fakeDevice("Nami");
    expect(Array.from({ length: 100 }, () => throttle.message(one, ROOM)).every((wait) => wait === 0)).toBe(true);
  });
});
