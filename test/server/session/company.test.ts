import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { currentRoom } from "../../../src/chat/chat-state.js";
import { peerPresence, peopleCount, typistsIn } from "../../../src/chat/people.js";
import { WebSocketClient } from "../../../src/client/node.js";
import type { Runtime } from "../../../src/client/platform.js";
import type { RoomId } from "../../../src/protocol/room-id.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import type { Session } from "../../../src/session/session.js";
import { eagerRuntime } from "../../support/client-fixture.js";
import { answerTo, noticesIn, startServer, startSession, textsIn, until } from "../../support/session-fixture.js";
import { temporaryDirectory } from "../../support/temporary-directory.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

const GENERAL = "general" as RoomId;
const ZORO = "zoro" as UserId;
const settings = { limits: { enabled: false }, presence: { offline_grace: "0s", batch: "10ms" } };
const SEEN = { auto_away: 0, send_typing: true, show_typing: true };

async function startTwo(database?: string) {
  const { url, server, port } = await startServer({ settings, ...(database === undefined ? {} : { database }) });
  const nami = await startSession({ name: "Nami", url });
  const zoro = await startSession({ name: "Zoro", url });
  await until(nami, (state) => currentRoom(state).people.size === 2);
  return { url, server, port, nami, zoro };
}

/** Resolves when this session knows zoro to be so. */
function knows(session: Session, status: string, note?: string): Promise<unknown> {
  return until(session, ({ statuses }) => {
    const zoro = statuses.get(ZORO);
    return zoro?.status === status && zoro.note === note;
  });
}

describe("status and note", () => {
  it("are set by slash commands, seen by others, and end with /back", async () => {
    const { nami, zoro } = await startTwo();
    expect(await answerTo(zoro, "/away lunch, back at 2")).toBe("you are away: lunch, back at 2 (/back ends it)");
    await knows(nami, "away", "lunch, back at 2");
    expect(zoro.store.getState().own).toEqual({ status: "away", note: "lunch, back at 2" });
    expect(await answerTo(nami, "/users")).toContain("Zoro (away: lunch, back at 2) in #general");
    expect(await answerTo(nami, "/whois zoro")).toBe(
      "Zoro (zoro) is away: lunch, back at 2; in #general; 1 connection",
    );
    expect(await answerTo(zoro, "/status")).toContain("status      away: lunch, back at 2");
    expect(await answerTo(zoro, "/back")).toBe("you are back");
    await knows(nami, "online");
    expect(await answerTo(nami, "/users")).toContain("Zoro in #general");
    await zoro.submit("/busy");
    await knows(nami, "busy");
    await zoro.submit("/online");
    await knows(nami, "online");
    expect(await answerTo(nami, "/whois sanji")).toBe('nobody called "sanji" is online');
  });

  it("leave the lasting note where it was", async () => {
    const { nami, zoro } = await startTwo();
    expect(await answerTo(zoro, "/note reading ch. 1121")).toBe("your note: reading ch. 1121");
    await knows(nami, "online", "reading ch. 1121");
    await zoro.submit("/away asleep");
    await knows(nami, "away", "asleep");
    await zoro.submit("/back");
    await knows(nami, "online", "reading ch. 1121");
    expect(await answerTo(zoro, "/note")).toBe("your note is gone");
    await knows(nami, "online");
  });

  it("that the server refuses are not kept", async () => {
    const { zoro } = await startTwo();
    expect(await answerTo(zoro, `/away ${"x".repeat(81)}`)).toContain("a note is at most 80 characters");
    expect(zoro.store.getState().own).toEqual({ status: "online" });
    expect(await answerTo(zoro, "/status")).toContain("status      online");
  });

  it("that are too long are refused without a connection, too", async () => {
    const { server, zoro } = await startTwo();
    await server.stop();
    await until(zoro, ({ link }) => link.status !== "ready");
    expect(await answerTo(zoro, `/note ${"x".repeat(81)}`)).toBe("a note is at most 80 characters: this one has 81");
    expect(zoro.store.getState().own).toEqual({ status: "online" });
  });

  it("can be invisible: others see one leave, oneself is still listed", async () => {
    const { nami, zoro } = await startTwo();
    expect(await answerTo(zoro, "/invisible")).toContain("you appear offline");
    const state = await until(nami, (now) => currentRoom(now).people.size === 1);
    expect(currentRoom(state).entries.at(-1)).toMatchObject({ kind: "presence", came: false });
    expect(await answerTo(nami, "/users")).not.toContain("Zoro");
    expect(await answerTo(zoro, "/users")).toContain("Zoro (you, invisible) in #general");
    expect(zoro.store.getState().own).toEqual({ status: "invisible" });
    zoro.company.drafted(GENERAL, "h");
    await zoro.submit("/back");
    await until(nami, (now) => currentRoom(now).people.size === 2);
    expect(nami.store.getState().typing.size).toBe(0);
  });

  it("are said again after a break that the server did not remember, also when they were set meanwhile", async () => {
    const database = join(await temporaryDirectory(), "hub.db");
    const { server, port, nami, zoro } = await startTwo(database);
    await zoro.submit("/away lunch");
    await knows(nami, "away", "lunch");
    await server.stop();
    await until(zoro, ({ link }) => link.status !== "ready");
    await until(nami, ({ link }) => link.status !== "ready");
    expect(await answerTo(nami, "/busy cooking")).toBe(
      "you are busy: cooking, as soon as the connection is back (/back ends it)",
    );
    await startServer({ settings, port, database });
    await until(zoro, ({ statuses }) => statuses.get("nami" as UserId)?.status === "busy");
    for (let isBack = false; !isBack; ) {
      const { users } = await nami.client.presence({ user_ids: [ZORO] });
      isBack = users[0]?.status === "away" && users[0].note === "lunch";
    }
    expect(zoro.store.getState().own).toEqual({ status: "away", note: "lunch" });
  });

  it("of another device are ours, and win over what we would say again", async () => {
    const { url, zoro, nami } = await startTwo();
    const laptop = new WebSocketClient(url, "zoro", "Zoro", { key: "key-of-zoro", runtime: eagerRuntime });
    onTestFinished(() => laptop.disconnect());
    await laptop.connect("general");
    await laptop.setPresence("busy", "training");
    await until(zoro, ({ own }) => own.status === "busy" && own.note === "training");
    await zoro.rename("Roronoa");
    await until(nami, ({ statuses }) => statuses.get(ZORO)?.username === "Roronoa");
    await laptop.setPresence("online", "");
    await until(zoro, ({ own }) => own.status === "online");
    await knows(nami, "online");
    await zoro.rename("Zoro");
    await until(nami, ({ statuses }) => statuses.get(ZORO)?.username === "Zoro");
    expect(nami.store.getState().statuses.get(ZORO)?.status).toBe("online");
  });
});

describe("being away by oneself", () => {
  it("comes after idle minutes, goes with a key, and leaves alone what was said by hand", async () => {
    const { url } = await startServer({ settings });
    const nami = await startSession({ name: "Nami", url });
    const runtime = new VirtualRuntime();
    const company = { ...SEEN, auto_away: 600_000 };
    const zoro = await startSession(
      { name: "Zoro", url },
      { company, startTimer: runtime.setTimer, elapsedMs: runtime.elapsedMs },
    );
    zoro.company.touch();
    runtime.advance(600_000);
    await knows(nami, "away");
    await until(zoro, ({ own }) => own.status === "away");
    zoro.company.touch();
    await knows(nami, "online");
    await until(zoro, ({ own }) => own.status === "online");
    await zoro.submit("/busy");
    runtime.advance(600_000);
    zoro.company.touch();
    await zoro.submit("/note still here");
    await knows(nami, "busy", "still here");
    await zoro.quit();
    expect(runtime.timers).toBe(0);
  });
});

describe("typing", () => {
  const typists = ({ store }: Session, room_id: RoomId = GENERAL) =>
    typistsIn(store.getState(), room_id, Date.now()).map(({ username }) => username);

  it("is seen by others until the draft is gone or said", async () => {
    const { nami, zoro } = await startTwo();
    zoro.company.drafted(GENERAL, "h");
    zoro.company.drafted(GENERAL, "hi");
    await until(nami, ({ typing }) => typing.size === 1);
    expect([typists(nami), typists(zoro)]).toEqual([["Zoro"], []]);
    zoro.company.drafted(GENERAL, "");
    await until(nami, ({ typing }) => typing.size === 0);
  });

  it("ends with the message, and with leaving the room", async () => {
    const { nami, zoro } = await startTwo();
    zoro.company.drafted(GENERAL, "h");
    await until(nami, ({ typing }) => typing.size === 1);
    await zoro.submit("hi");
    const said = await until(nami, (state) => textsIn(state).length === 1);
    expect(said.typing.size).toBe(0);
    nami.company.drafted(GENERAL, "h");
    await until(zoro, ({ typing }) => typing.size === 1);
    await nami.submit("/join one-piece");
    await until(zoro, ({ typing }) => typing.size === 0);
  });

  it("is shown in a direct room, where the other one's status stands, too", async () => {
    const { nami, zoro } = await startTwo();
    await nami.submit("/pm zoro psst");
    const isThere = ({ rooms }: { rooms: ReadonlyMap<RoomId, unknown> }) =>
      [...rooms.keys()].some((id) => id.startsWith("dm:"));
    const [room_id = GENERAL] = [...(await until(zoro, isThere)).rooms.keys()].filter((id) => id.startsWith("dm:"));
    await until(nami, isThere);
    zoro.company.drafted(room_id, "h");
    await until(nami, ({ typing }) => typing.get(room_id)?.size === 1);
    await zoro.submit("/away");
    await until(nami, (state) => {
      const room = state.rooms.get(room_id);
      return room !== undefined && peerPresence(state, room)?.status === "away";
    });
    await zoro.quit();
    const gone = await until(nami, ({ statuses }) => statuses.get(ZORO)?.status === "offline");
    expect(gone.rooms.get(room_id)?.entries.filter(({ kind }) => kind === "presence")).toEqual([]);
  });

  it("can be kept to oneself, and not looked at", async () => {
    const { url } = await startServer({ settings });
    const shy = await startSession({ name: "Shy", url }, { company: { ...SEEN, send_typing: false } });
    const calm = await startSession({ name: "Calm", url }, { company: { ...SEEN, show_typing: false } });
    const nami = await startSession({ name: "Nami", url });
    shy.company.drafted(GENERAL, "h");
    nami.company.drafted(GENERAL, "h");
    await until(shy, ({ typing }) => typing.size === 1);
    await calm.client.ping();
    await nami.client.ping();
    expect([typists(shy), typists(calm), typists(nami)]).toEqual([["Nami"], [], []]);
  });
});

describe("a large room", () => {
  it("is counted as the server counts, and its people are read page by page", async () => {
    const { url, server } = await startServer({
      settings: { ...settings, presence: { ...settings.presence, large_room: 3 } },
    });
    const crowd = Array.from({ length: 120 }, (_, index) => new WebSocketClient(url, `u${index}`, `u${index}`));
    onTestFinished(async () => void (await Promise.all(crowd.map((client) => client.disconnect()))));
    await Promise.all(crowd.map((client) => client.connect("general")));
    const nami = await startSession({ name: "Nami", url });
    // Those who come together are told the same, which may be a moment old; the count follows.
    await until(nami, (now) => currentRoom(now).people.size > 100 && peopleCount(currentRoom(now)) === 121);
    await crowd[0]?.disconnect();
    await until(nami, (now) => peopleCount(currentRoom(now)) === 120);
    expect(noticesIn(nami.store.getState())).toEqual([]);
    expect(currentRoom(nami.store.getState()).entries).toEqual([]);
    expect(server.getRoomClientCount("general")).toBe(120);
  });
});

describe("lines about who is there", () => {
  /** What the room says of comings, goings and names. */
  function linesIn(session: Session): string[] {
    return currentRoom(session.store.getState()).entries.flatMap((entry) => {
      if (entry.kind !== "presence") return [];
      const { user, came, was } = entry;
      return [was === undefined ? `${user.username} ${came ? "joined" : "left"}` : `${was} is now ${user.username}`];
    });
  }

  it("tell that somebody goes on under another name", async () => {
    const { url } = await startServer({ settings: { limits: { enabled: false } } });
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url });
    await until(nami, (state) => currentRoom(state).people.size === 2);
    await zoro.submit("/nick Roronoa");
    await until(nami, (state) => currentRoom(state).people.get(ZORO)?.username === "Roronoa");
    expect(linesIn(nami)).toEqual(["Zoro joined", "Zoro is now Roronoa"]);
  });

  it("say nothing of those who come back after the server was restarted", async () => {
    const database = join(await temporaryDirectory(), "hub.db");
    const { server, url, port } = await startServer({ settings, database });
    const late = new LateRuntime();
    const createClient = () => new WebSocketClient(url, "zoro", "Zoro", { key: "key-of-zoro", runtime: late });
    const nami = await startSession({ name: "Nami", url });
    const zoro = await startSession({ name: "Zoro", url }, { createClient });
    await until(nami, (state) => currentRoom(state).people.size === 2);
    late.holds = true;
    await server.stop();
    await Promise.all([nami, zoro].map((session) => until(session, ({ link }) => link.status === "waiting")));
    await startServer({ settings, database, port });
    await until(nami, (state) => state.link.status === "ready" && currentRoom(state).people.size === 1);
    late.release();
    await until(nami, (state) => currentRoom(state).people.size === 2);
    expect(linesIn(nami)).toEqual(["Zoro joined"]);
  });
});

/** A runtime whose timers can be held back, so that its client comes back when the test says so. */
class LateRuntime implements Runtime {
  holds = false;
  readonly #held: (() => void)[] = [];
  readonly now = eagerRuntime.now;
  readonly elapsedMs = eagerRuntime.elapsedMs;
  readonly random = eagerRuntime.random;
  readonly newId = eagerRuntime.newId;

  readonly setTimer: Runtime["setTimer"] = (callback, delayMs) => {
    if (!this.holds) return eagerRuntime.setTimer(callback, delayMs);
    this.#held.push(callback);
    return () => {};
  };

  release(): void {
    this.holds = false;
    for (const callback of this.#held.splice(0)) callback();
  }
}
