import { describe, expect, it } from "vitest";
import type { ChatState, RoomView } from "../../../src/chat/chat-state.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { Session } from "../../../src/session/session.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import { MemoryCache, newSession, startServer, startSession, textsIn, until } from "../../support/session-fixture.js";

const DIRECT = "dm:nami:zoro" as RoomId;
const GENERAL = "general" as RoomId;

const roomOf = (state: ChatState, room_id: RoomId = DIRECT): RoomView | undefined => state.rooms.get(room_id);
const hasRead =
  (read: number, room_id = DIRECT) =>
  (state: ChatState) =>
    roomOf(state, room_id)?.marks?.read === read;
const peerHas = (marks: Partial<RoomView["peer_marks"]>) => (state: ChatState) => {
  const known = roomOf(state)?.peer_marks;
  return Object.entries(marks).every(([name, seq]) => known?.[name as keyof typeof marks] === seq);
};

/** Says something to somebody and waits until the server has it. */
async function tell(session: Session, to: string, ...texts: readonly string[]): Promise<void> {
  for (const text of texts) session.say(text, { to });
  await session.sender.settle();
}

describe("marks in a session", () => {
  it("say when a direct message has arrived, and when it is read", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url });
    await tell(nami, "Zoro", "are you there?", "hello?");
    await until(nami, peerHas({ delivered: 2, read: 0 }));
    expect(roomOf(zoro.store.getState())).toMatchObject({ unread: 2 });
    zoro.marking.read(DIRECT, 2);
    // Here at once, whatever the hub says.
    expect(roomOf(zoro.store.getState())).toMatchObject({ marks: { delivered: 2, read: 2 }, unread: 0 });
    await until(nami, peerHas({ read: 2 }));
  });

  it("do not say so of who wants to keep it for themselves, but to their own devices", async () => {
    const { url, server } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url }, { send_receipts: false });
    const phone = await startSession({ name: "Zoro", url }, { send_receipts: false });
    await tell(nami, "Zoro", "are you there?");
    await until(zoro, (state) => roomOf(state)?.unread === 1);
    zoro.marking.read(DIRECT, 1);
    await until(phone, hasRead(1));
    expect(roomOf(phone.store.getState())?.unread).toBe(0);
    // Nami asks the hub itself: nobody has told it anything.
    const again = await startSession({ name: "Nami", url });
    await until(again, (state) => textsIn(state, DIRECT).length === 1);
    expect(roomOf(again.store.getState())?.peer_marks).toEqual({ delivered: 0, read: 0 });
    expect(server.getClientCount()).toBe(4);
  });

  it("count no message of one's own, though one leaves the room at once", async () => {
    const { url } = await startServer();
    const robin = await startSession({ name: "Robin", url, room: "frieren" });
    await robin.submit("more in frieren");
    await robin.submit("/join berserk");
    await robin.sender.settle();
    const unread = async () =>
      (await robin.client.conversations(10)).map(({ room_id, unread: count }) => [room_id, count]);
    await expect.poll(unread).toEqual([["frieren", 0]]);
  });

  it("follow a room from its first message, read or not", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url, room: "berserk" });
    const zoro = await startSession({ name: "Zoro", url, room: "berserk" });
    await zoro.submit("one");
    await until(nami, (state) => textsIn(state, "berserk").length === 1);
    await nami.submit("/join one-piece");
    const unread = async () =>
      (await nami.client.conversations(10)).map(({ room_id, unread: count }) => [room_id, count]);
    await expect.poll(unread).toEqual([["berserk", 1]]);
  });

  it("clear what is unread on another device, in direct and in public rooms", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    const laptop = await startSession({ name: "Zoro", url });
    const phone = await startSession({ name: "Zoro", url });
    await nami.submit("to everybody");
    await tell(nami, "Zoro", "to you");
    for (const device of [laptop, phone]) {
      await until(device, (state) => roomOf(state)?.unread === 1 && roomOf(state, GENERAL)?.unread === 1);
    }
    phone.marking.read(DIRECT, 1);
    phone.marking.read(GENERAL, 1);
    await until(laptop, (state) => roomOf(state)?.unread === 0 && roomOf(state, GENERAL)?.unread === 0);
  });

  it("bring what is unread to the list of rooms at the start, whoever wrote it while one was away", async () => {
    const { url } = await startServer();
    const zoro = await startSession({ name: "Zoro", url, room: "one-piece" });
    const nami = await startSession({ name: "Nami", url, room: "one-piece" });
    await nami.submit("first");
    await until(zoro, (state) => textsIn(state).length === 1);
    zoro.marking.read("one-piece" as RoomId, 1);
    await tell(nami, "Zoro", "known");
    await until(zoro, (state) => roomOf(state)?.unread === 1);
    zoro.marking.read(DIRECT, 1);
    await zoro.quit();
    await nami.submit("second");
    await tell(nami, "Zoro", "new", "newer");
    // On another machine, so that the hub alone can know; in another room.
    const back = await startSession({ name: "Zoro", url });
    const { rooms } = await until(
      back,
      (state) => roomOf(state)?.unread === 2 && roomOf(state, "one-piece" as RoomId)?.unread === 1,
    );
    expect(rooms.get(DIRECT)?.peer?.username).toBe("Nami");
    expect(rooms.get(GENERAL)?.unread).toBe(0);
  });

  it("count nothing of a public room in which one is for the first time", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    for (const text of ["one", "two", "three"]) await nami.submit(text);
    await nami.sender.settle();
    const zoro = await startSession({ name: "Zoro", url });
    await until(zoro, (state) => textsIn(state).length === 3);
    expect(roomOf(zoro.store.getState(), GENERAL)).toMatchObject({ unread: 0, marks: { read: 3 } });
    await nami.submit("four");
    await until(zoro, (state) => roomOf(state, GENERAL)?.unread === 1);
  });

  it("made without a connection are sent with the next one, and by the next run", async () => {
    const store = openMemoryStore();
    const keep = { ...store, close: async () => {} };
    const { url, server, port } = await startServer({ store: keep });
    const nami = await startSession({ name: "Nami", url });
    const cache = new MemoryCache();
    const zoro = await startSession({ name: "Zoro", url }, { cache });
    await tell(nami, "Zoro", "one", "two", "three");
    await until(zoro, (state) => roomOf(state)?.reached === 3);
    await server.stop();
    await until(zoro, (state) => state.link.status !== "ready");
    zoro.marking.read(DIRECT, 2);
    await expect.poll(() => cache.read(DIRECT, { limit: 0 })?.read_upto).toBe(2);
    await startServer({ store: keep, port });
    await until(nami, peerHas({ read: 2 }));
    await zoro.quit();
    // As if it had ended before the connection was back.
    cache.mark(DIRECT, 3);
    const again = await startSession({ name: "Zoro", url }, { cache });
    await until(nami, peerHas({ read: 3 }));
    expect(roomOf(again.store.getState())?.unread).toBe(0);
  });

  it("are sent before the session is left, also those that wait for their turn", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url });
    await tell(nami, "Zoro", "one", "two", "three");
    await until(zoro, (state) => roomOf(state)?.reached === 3);
    for (const seq of [1, 2, 3]) zoro.marking.read(DIRECT, seq);
    await zoro.quit();
    await until(nami, peerHas({ read: 3 }));
  });

  it("are sent once a second at most, the highest of them", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    const timers: (() => void)[] = [];
    const startTimer = (run: () => void) => {
      timers.push(run);
      return () => {};
    };
    const zoro = newSession({ name: "Zoro", url }, { send_receipts: false, startTimer });
    await zoro.start();
    await tell(nami, "Zoro", ...Array.from({ length: 20 }, (_, index) => `message ${index}`));
    await until(zoro, (state) => roomOf(state)?.reached === 20);
    const phone = await startSession({ name: "Zoro", url });
    for (let seq = 1; seq <= 20; seq += 1) zoro.marking.read(DIRECT, seq);
    await until(phone, hasRead(1));
    expect(timers).toHaveLength(1);
    timers[0]?.();
    await until(phone, hasRead(20));
  });

  it("forget what the numbers of before meant", async () => {
    const store = openMemoryStore();
    const { url, server, port } = await startServer({ store });
    const cache = new MemoryCache();
    const zoro = await startSession({ name: "Zoro", url }, { cache });
    const nami = await startSession({ name: "Nami", url });
    for (const text of ["one", "two", "three"]) await nami.submit(text);
    await until(zoro, (state) => roomOf(state, GENERAL)?.reached === 3);
    zoro.marking.read(GENERAL, 3);
    await until(zoro, hasRead(3, GENERAL));
    await nami.quit();
    await server.stop();
    // The same hub as it was before anything was said: its numbers are given a second time.
    const { url: next } = await startServer({ port, store: { ...openMemoryStore(), server_id: store.server_id } });
    const robin = await startSession({ name: "Robin", url: next });
    await robin.submit("hello");
    await until(zoro, (state) => textsIn(state).at(-1) === "hello");
    expect(roomOf(zoro.store.getState(), GENERAL)).toMatchObject({ head: 1 });
    expect(roomOf(zoro.store.getState(), GENERAL)?.marks?.read).toBeLessThanOrEqual(1);
  });
});
