import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../../../../src/config/defaults.js";
import type { Command } from "../../../../src/protocol/command.js";
import { Throttle } from "../../../../src/server/hub/throttle.js";
import { Device } from "../../../../src/server/hub/device.js";
import { fakeDevice, fakeFacts, ROOM } from "../../../support/fake-device.js";

const generous = 1_000_000;
const limits = {
  ...DEFAULTS.limits,
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
  history_per_second: 2,
  history_burst: 3,
  rooms_per_hour: 2,
};

const message: Command = {
  id: "1",
  type: "message.send",
  payload: { room_id: ROOM, message: "x", client_id: "1" },
};
const ping: Command = { id: "2", type: "ping", payload: {} };
const history: Command = { id: "3", type: "history.get", payload: { room_id: ROOM } };

/** How many of these pass before the first that does not. */
function passes(throttle: Throttle, devices: () => Device, command: Command): number {
  for (let count = 0; count < 10_000; count += 1) if (throttle.admit(devices(), command) > 0) return count;
  return Number.POSITIVE_INFINITY;
}

describe("the throttle", () => {
  it("counts by connection, and lets pass again after the wait it named", () => {
    let now = 0;
    const throttle = new Throttle(limits, () => now);
    const [one, other] = [fakeDevice("Nami", "1"), fakeDevice("Nami", "2")];
    expect([throttle.admit(one, message), throttle.admit(one, message)]).toEqual([0, 0]);
    const wait = throttle.admit(one, message);
    expect(wait).toBe(100);
    expect(throttle.admit(other, message)).toBe(0);
    now += wait - 1;
    expect(throttle.admit(one, message)).toBe(1);
    now += 1;
    expect(throttle.admit(one, message)).toBe(0);
  });

  it("counts a user's connections, an address and a room together", () => {
    const cases = [
      { user_message_burst: 1, message_burst: 9 },
      { address_message_burst: 1, message_burst: 9 },
      { room_message_burst: 1, message_burst: 9 },
    ];
    for (const change of cases) {
      const throttle = new Throttle({ ...limits, ...change }, () => 0);
      expect(throttle.admit(fakeDevice("Nami", "1"), message)).toBe(0);
      expect(throttle.admit(fakeDevice("Nami", "2"), message)).toBeGreaterThan(0);
    }
  });

  it("gives a user twice, an address five times and a room twenty times what a connection gets", () => {
    const fresh = (user: () => string) => {
      let connection = 0;
      return () => fakeDevice(user(), String((connection += 1)));
    };
    let people = 0;
    const count = (devices: () => Device) => passes(new Throttle(limits, () => 0), devices, history);
    const one = fakeDevice("Nami");
    expect(count(() => one)).toBe(3);
    expect(count(fresh(() => "Nami"))).toBe(6);
    expect(count(fresh(() => `p${(people += 1)}`))).toBe(15);
    const typing: Command = { id: "4", type: "typing.start", payload: { room_id: ROOM } };
    const local = (name: string) => new Device({ ...fakeFacts(name), is_local: true });
    const room = new Throttle({ ...limits, typing_burst: 2 }, () => 0);
    expect(passes(room, () => local(`q${(people += 1)}`), typing)).toBe(40);
  });

  it("counts messages to one person together, whether or not there is such a person", () => {
    const throttle = new Throttle({ ...limits, room_message_burst: 2 }, () => 0);
    const direct: Command = { id: "1", type: "message.send", payload: { to: "Zoro", message: "x", client_id: "1" } };
    let count = 0;
    expect(passes(throttle, () => fakeDevice(`p${(count += 1)}`), direct)).toBe(2);
  });

  it("leaves room to who has sent little: floods of five addresses do not silence a sixth", () => {
    let now = 0;
    const throttle = new Throttle({ ...limits, room_message_burst: 100, room_messages_per_second: 20 }, () => now);
    let people = 0;
    const at = (address: string) => new Device({ ...fakeFacts(`p${(people += 1)}`), address });
    const patient = at("192.0.2.6");
    let flooded = 0;
    let heard = 0;
    for (let second = 0; second < 60; second += 1) {
      for (let count = 0; count < 500; count += 1) {
        if (throttle.admit(at(`192.0.2.${1 + (count % 5)}`), message) === 0) flooded += 1;
      }
      if (throttle.admit(patient, message) === 0) heard += 1;
      now += 1000;
    }
    expect(heard).toBe(60);
    // The room's rate is kept all the same, and what nobody else wants is the flood's.
    expect(flooded + heard).toBeGreaterThan(20 * 59);
    expect(flooded + heard).toBeLessThanOrEqual(100 + 20 * 60);
  });

  it("takes nothing anywhere when one of the buckets is empty", () => {
    let now = 0;
    const throttle = new Throttle({ ...limits, room_message_burst: 1, room_messages_per_second: 1 }, () => now);
    const one = fakeDevice("Nami");
    expect(throttle.admit(one, message)).toBe(0);
    for (let attempt = 0; attempt < 50; attempt += 1) expect(throttle.admit(one, message)).toBeGreaterThan(0);
    now += 1000;
    expect(throttle.admit(one, message)).toBe(0);
  });

  it("has buckets of their own for each class and for the making of rooms", () => {
    const throttle = new Throttle(limits, () => 0);
    const one = fakeDevice("Nami");
    expect([throttle.admit(one, ping), throttle.makeRoom(one), throttle.makeRoom(one)]).toEqual([0, 0, 0]);
    expect([throttle.admit(one, ping), throttle.makeRoom(one)]).toEqual([1000, 1_800_000]);
    expect([throttle.admit(one, history), throttle.admit(one, message)]).toEqual([0, 0]);
  });

  it("counts new rooms and new calls by address, too: a guest is somebody else with every connection", () => {
    const throttle = new Throttle(limits, () => 0);
    const countPassed = (pass: (device: Device) => number, is_local: boolean) =>
      Array.from({ length: 100 }, (_, index) => new Device({ ...fakeFacts(`u${index}`), is_local })).filter(
        (device) => pass(device) === 0,
      ).length;
    expect(countPassed((device) => throttle.makeRoom(device), false)).toBe(10);
    expect(countPassed((device) => throttle.makeCall(device), false)).toBe(50);
    expect(countPassed((device) => throttle.makeRoom(device), true)).toBe(100);
  });

  it("forgets nothing that is not full again, and everything that is", () => {
    let now = 0;
    const throttle = new Throttle(limits, () => now);
    const one = fakeDevice("Nami");
    throttle.admit(one, message);
    throttle.admit(one, message);
    throttle.prune();
    expect(throttle.admit(one, message)).toBeGreaterThan(0);
    now += 1000;
    throttle.prune();
    expect(throttle.size).toBe(0);
    expect(throttle.admit(one, message)).toBe(0);
  });

  it("keeps a bounded number of buckets, whoever comes", () => {
    const throttle = new Throttle(limits, () => 0);
    for (let count = 0; count < 200_100; count += 1) {
      throttle.makeRoom(new Device({ ...fakeFacts(`u${count}`), is_local: true }));
    }
    expect(throttle.size).toBe(200_000);
  });

  it("lets everything pass when it is switched off", () => {
    const throttle = new Throttle({ ...limits, enabled: false }, () => 0);
    const one = fakeDevice("Nami");
    expect([passes(throttle, () => one, message), passes(throttle, () => one, ping)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(Array.from({ length: 100 }, () => throttle.makeRoom(one)).every((wait) => wait === 0)).toBe(true);
  });
});
