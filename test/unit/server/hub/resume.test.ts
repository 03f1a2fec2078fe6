import { setImmediate as tick } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResumeResult } from "../../../../src/protocol/event.js";
import type { Reply } from "../../../../src/server/hub/commands/request.js";
import { DEFAULTS } from "../../../../src/config/defaults.js";
import { createMemoryBus } from "../../../../src/server/bus/memory-bus.js";
import type { Device } from "../../../../src/server/hub/device.js";
import { Hub } from "../../../../src/server/hub/hub.js";
import type { Store } from "../../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../../src/server/log/memory/memory-store.js";
import { silentLogger } from "../../../../src/server/telemetry/logger.js";
import { encodePlainly, FakeOutlet, fakeFacts, ROOM } from "../../../support/fake-device.js";
import { messageOf } from "../../../support/messages.js";

/** Reads are answered late: from a snapshot taken before, or after, the wait. */
function slowReads(store: Store, delays: () => number): Store {
  const { events } = store;
  const read: Store["events"]["read"] = async (range) => {
    const delay = delays();
    if (delay % 2 === 1) for (let left = delay; left > 0; left -= 1) await tick();
    const page = await events.read(range);
    if (delay % 2 === 0) for (let left = delay; left > 0; left -= 1) await tick();
    return page;
  };
  const { append, openRoom, listRooms } = {
    append: events.append.bind(events),
    openRoom: events.openRoom.bind(events),
    listRooms: events.listRooms.bind(events),
  };
  return { ...store, events: { append, openRoom, listRooms, read } };
}

/** A reader that takes nothing but the very next seq; whatever else comes is remembered as a fault. */
class Reader {
  last = 0;
  faults: string[] = [];
  /** The events of the first answer. */
  first: readonly unknown[] | undefined;
  device: Device | undefined;
  outlet = new FakeOutlet();
  #epoch: string | undefined;
  #isJoining = false;
  readonly #hub: Hub;
  readonly #name: string;

  constructor(hub: Hub, name: string) {
    this.#hub = hub;
    this.#name = name;
  }

  async join(): Promise<void> {
    if (this.device !== undefined || this.#isJoining) return;
    this.#isJoining = true;
    const outlet = new FakeOutlet();
    this.outlet = outlet;
    outlet.write = (frames) => {
      for (const line of Buffer.from(frames).toString().trim().split("\n"))
        if (this.outlet === outlet) this.#take(Number(line));
    };
    const device = { ...fakeFacts(this.#name), outlet, on_taken: "refuse" as const };
    const attached = await this.#hub.attach(device);
    if ("code" in attached) throw new Error(attached.message);
    this.device = attached;
    this.#isJoining = false;
    await this.#subscribe(attached);
  }

  suffer(kind: "leave" | "behind" | "drain"): void {
    if (kind === "leave") this.leave();
    else if (kind === "behind") this.outlet.behind = true;
    else this.drain();
  }

  leave(): void {
    if (this.device === undefined) return;
    this.#hub.detach(this.device);
    this.device = undefined;
    this.outlet = new FakeOutlet();
  }

  drain(): void {
    this.outlet.behind = false;
    if (this.device !== undefined) this.#hub.drained(this.device);
  }

  async #subscribe(device: Device): Promise<void> {
    const point = this.#epoch === undefined ? {} : { epoch: this.#epoch, seq: this.last };
    const payload = { topics: ["conversation" as const], resume: [{ room_id: ROOM, ...point }] };
    const answer = await new Promise<Parameters<Reply>[0]>((resolve) => {
      const take = (event: Parameters<Reply>[0]) => {
        if (this.device === device && event?.type === "subscribed") this.#takeResult(event.payload.rooms[0]);
        resolve(event);
      };
      const handled = Promise.resolve(this.#hub.handle(device, { id: "s", type: "subscribe", payload }, take));
      void handled.then(() => resolve(undefined));
    });
    if (this.device !== device || answer?.type !== "subscribed") return;
    if (answer.payload.rooms[0]?.status === "more") await this.#subscribe(device);
  }

  #takeResult(result: ResumeResult | undefined): void {
    if (result?.status !== "ok" && result?.status !== "more") return void this.faults.push(`answer ${result?.status}`);
    // The first answer of all may begin later than with 1; it brings the last messages.
    if (this.#epoch === undefined) {
      this.last = (result.events[0]?.payload.seq ?? 1) - 1;
      this.first = result.events;
    }
    this.#epoch = result.epoch;
    for (const { payload } of result.events) this.#take(payload.seq);
    const reached = result.status === "ok" ? result.head : result.next;
    if (reached !== this.last) this.faults.push(`${result.status} says ${reached} at ${this.last}`);
  }

  #take(seq: number): void {
    if (seq !== this.last + 1) this.faults.push(`${seq} after ${this.last}`);
    this.last = seq;
  }
}

/** How many turns a fan-out takes depends on the clock. Once all is there, some more, for what comes twice. */
async function settle(readers: readonly Reader[], sent: number): Promise<void> {
  const isOver = () => readers.every(({ last, faults }) => last === sent || faults.length > 0);
  for (let left = 40, patience = 5000; left > 0 && patience > 0; patience -= 1) {
    await tick();
    for (const reader of readers) reader.drain();
    if (isOver()) left -= 1;
  }
}

const actions = fc.array(
  fc.record({
    kind: fc.constantFrom<"send" | "join" | "wait" | "leave" | "behind" | "drain">(
      "send",
      "send",
      "join",
      "join",
      "leave",
      "behind",
      "drain",
      "wait",
    ),
    who: fc.nat(2),
  }),
  { minLength: 5, maxLength: 60 },
);

describe("resume", () => {
  it("gives each reader every seq once and in order, however sends, joins, losses and stalls meet", async () => {
    await fc.assert(
      fc.asyncProperty(
        actions,
        fc.infiniteStream(fc.nat(4)),
        fc.constantFrom(0, 0, 3, 620),
        async (steps, delays, stored) => {
          const store = openMemoryStore();
          const delay = () => Number(delays.next().value ?? 0);
          const hub = hubOn(slowReads(store, delay));
          const writer = await hub.attach({ ...fakeFacts("Writer"), on_taken: "refuse" });
          if ("code" in writer) throw new Error(writer.message);
          let sent = 0;
          const send = async (): Promise<void> => {
            sent += 1;
            const payload = { room_id: ROOM, message: `m${sent}`, client_id: `c${sent}` };
            await hub.handle(writer, { id: "m", type: "message.send", payload }, () => {});
          };
          for (let count = 0; count < stored; count += 1) await send();
          await tick();
          const readers = ["Nami", "Zoro", "Robin"].map((name) => new Reader(hub, name));
          const under: Promise<void>[] = [];
          for (const { kind, who } of steps) {
            const reader = readers[who];
            if (reader === undefined) continue;
            if (kind === "send") under.push(send());
            else if (kind === "join") under.push(reader.join());
            else if (kind === "wait") await tick();
            else reader.suffer(kind);
          }
          await Promise.all(under);
          for (const reader of readers) {
            reader.drain();
            await reader.join();
          }
          await settle(readers, sent);
          for (const { faults, last } of readers) {
            expect(faults).toEqual([]);
            expect(last).toBe(sent);
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it("answers a crowd that joins with one read of the log, and one list for all, until there is more", async () => {
    const store = openMemoryStore();
    for (let count = 1; count <= 60; count += 1) {
      const message = {
        type: "message.new",
        room_id: ROOM,
        id: `m${count}`,
        message: `m${count}`,
        created_ms: count,
      } as const;
      await store.events.append([{ ...message, ...fakeFacts("Writer").user }]);
    }
    let reads = 0;
    const hub = hubOn(
      slowReads(store, () => {
        reads += 1;
        return 0;
      }),
    );
    const first = new Reader(hub, "First");
    await first.join();
    const before = reads;
    const crowd = Array.from({ length: 20 }, (_, index) => new Reader(hub, `R${index}`));
    for (const reader of crowd) await reader.join();
    expect(crowd.map(({ last, faults }) => [last, faults.length])).toEqual(crowd.map(() => [60, 0]));
    expect(reads).toBe(before);
    expect(new Set(crowd.map((reader) => reader.first)).size).toBe(1);
    const [one] = crowd;
    const payload = { room_id: ROOM, message: "more", client_id: "c" };
    if (one?.device === undefined) throw new Error("nobody has joined");
    await hub.handle(one.device, { id: "m", type: "message.send", payload }, () => {});
    await tick();
    const late = new Reader(hub, "Late");
    await late.join();
    expect(late.first?.slice(0, -1)).toEqual(one.first?.slice(1));
    expect(late.last).toBe(61);
  });
});

it("a hub's rooms keep as many events in memory as it is set to", async () => {
  const hub = hubOn(openMemoryStore(), 2);
  const room = await hub.rooms.open(ROOM);
  room.deliver([1, 2, 3].map((seq) => ({ type: "message.new", payload: messageOf(seq, ROOM) })));
  expect([room.recent(1)?.length, room.recent(0)]).toEqual([2, undefined]);
});

function hubOn(store: Store, max_recent = 256): Hub {
  return new Hub({
    store,
    bus: createMemoryBus(),
    encode: encodePlainly,
    logger: silentLogger,
    limits: OFF,
    calls: { ring_timeout: 45_000, grace: 10_000, max_calls: 10 },
    presence: { offline_grace: 0, batch: 0, large_room: 200 },
    typing: { enabled: true },
    max_rooms: 10,
    max_receipt_room: 50,
    max_recent,
    now: () => 1_700_000_000_000,
    elapsedMs: () => 0,
    startTimer: () => () => {},
  });
}

const OFF = { ...DEFAULTS.limits, enabled: false };
