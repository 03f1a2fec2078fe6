import { describe, expect, it } from "vitest";
import { currentRoom } from "../../../src/chat/chat-state.js";
import { ClientError } from "../../../src/client/client-error.js";
import { GENERAL_ROOM, type RoomId } from "../../../src/protocol/room-id.js";
import { messageOf } from "../../support/messages.js";
import { SLASH_COMMANDS } from "../../../src/session/slash/table.js";
import {
  answerTo,
  directTexts,
  newSession,
  noticesIn,
  startServer,
  startSession,
  textsIn,
  until,
} from "../../support/session-fixture.js";

async function startTwo() {
  const { url } = await startServer();
  const nami = await startSession({ name: "Nami", url });
  const zoro = await startSession({ name: "Zoro", url });
  return { url, nami, zoro };
}

describe("slash commands", () => {
  it("/help names every command", async () => {
    const { url } = await startServer();
    const help = await answerTo(newSession({ name: "Nami", url }), "/help");
    for (const { name, usage, summary } of SLASH_COMMANDS) {
      expect(help).toContain(`/${name} ${usage}`.trimEnd());
      expect(help).toContain(summary);
    }
  });

  it("that do not exist are answered with the nearest, and nothing is sent", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    expect(await answerTo(nami, "/stats")).toContain("did you mean /status?");
    expect(await answerTo(nami, "/jion")).toContain("did you mean /join?");
    expect(await answerTo(nami, "/hist")).toContain("did you mean /history?");
    for (const other of ["/me", "/read", "/xyz"]) expect(await answerTo(nami, other)).toContain("/help lists them");
    expect(await answerTo(nami, "/")).toContain("there is no command /");
    expect(nami.sender.countUnderWay).toBe(0);
  });

  it("// says a message that starts with a slash", async () => {
    const { nami, zoro } = await startTwo();
    await nami.submit("//shrug");
    expect(textsIn(await until(zoro, (state) => textsIn(state).length === 1))).toEqual(["/shrug"]);
  });

  it("/users tells who is online and where, /rooms what there is", async () => {
    const { nami, zoro } = await startTwo();
    await zoro.submit("/join one-piece");
    const users = await answerTo(nami, "/users");
    expect(users).toContain("2 online:");
    expect(users).toContain("Nami (you) in #general");
    expect(users).toContain("Zoro in #one-piece");
    const rooms = await answerTo(nami, "/rooms");
    expect(rooms).toMatch(/#general {2}1 online, 0 messages \(here\)/);
    expect(rooms).toContain("#one-piece  1 online");
  });

  it("/join and /manga go to a room, whose people and messages are then shown", async () => {
    const { nami, zoro } = await startTwo();
    await zoro.submit("/manga One-Piece");
    await zoro.submit("anybody here?");
    await until(zoro, (state) => textsIn(state).length === 1);
    expect(await answerTo(nami, "/join #one-piece")).toBe("you are in #one-piece now");
    const state = await until(nami, ({ rooms }) => rooms.get("one-piece" as RoomId)?.people.size === 2);
    expect([state.current, textsIn(state)]).toEqual(["one-piece", ["anybody here?"]]);
    const seen = await until(zoro, ({ rooms }) => rooms.get("one-piece" as RoomId)?.people.size === 2);
    expect(seen.rooms.get("one-piece" as RoomId)?.entries.at(-1)).toMatchObject({ kind: "presence", came: true });
    expect(await answerTo(nami, "/join ???")).toContain("is no room");
    expect(nami.store.getState().current).toBe("one-piece");
    expect(await answerTo(nami, "/join A Room")).toBe("you are in #a-room now");
  });

  it("/part leaves a room for good, on every device, and shows the one before", async () => {
    const { url, nami, zoro } = await startTwo();
    const phone = await startSession({ name: "Zoro", url, room: "berserk" });
    const room_id = "one-piece" as RoomId;
    await zoro.submit("/join one-piece");
    await nami.submit("/join one-piece");
    await nami.submit("first");
    await until(zoro, (state) => textsIn(state).length === 1);
    const followed = async () => (await phone.client.conversations()).map((listed) => listed.room_id);
    await expect.poll(followed).toEqual([room_id]);
    expect(await answerTo(zoro, "/part")).toBe("you have left #one-piece for good; /join one-piece comes back");
    expect([zoro.store.getState().current, zoro.client.roomId]).toEqual(["general", "general"]);
    await nami.submit("second");
    await nami.sender.settle();
    expect(await followed()).toEqual([]);
    for (const device of [zoro, phone]) {
      await until(device, ({ rooms }) => !rooms.has(room_id));
      expect(device.parts.cache.read(room_id, { limit: 9 })).toBeUndefined();
    }
    // Coming back follows it again, and brings what was said.
    await zoro.submit("/join one-piece");
    expect(textsIn(await until(zoro, (state) => textsIn(state).length === 2))).toEqual(["first", "second"]);
    expect(zoro.store.getState().rooms.get(room_id)?.unread).toBe(0);
    await expect.poll(followed).toEqual([room_id]);
  });

  it("/part leaves a room that is not shown, and a direct one until somebody writes", async () => {
    const { nami, zoro } = await startTwo();
    await nami.submit("/pm Zoro psst");
    await until(zoro, (state) => directTexts(state).length === 1);
    expect(await answerTo(zoro, "/part @Nami")).toBe("you have left @Nami for good; the next message brings it back");
    expect([...zoro.store.getState().rooms.keys()]).toEqual(["general"]);
    await nami.submit("/pm Zoro again");
    const { rooms } = await until(zoro, ({ rooms: known }) => known.size === 2);
    expect([...rooms.values()].map(({ unread }) => unread)).toEqual([0, 1]);
    expect(await answerTo(zoro, "/part")).toContain("there is no other room to go to");
  });

  it("/part changes the view where the server is too old to forget a room, and says so", async () => {
    const { nami } = await startTwo();
    await nami.submit("/join one-piece");
    const tooOld = async () => {
      throw new ClientError("unknown_type", "no command mark.forget");
    };
    Object.defineProperty(nami.client, "forgetMark", { value: tooOld });
    expect(await answerTo(nami, "/part")).toBe(
      "this server is too old to forget a room: #one-piece is still counted as unread",
    );
    expect(nami.store.getState().current).toBe("general");
  });

  it("/call says that the page for it is still to come", async () => {
    const { nami } = await startTwo();
    expect(await answerTo(nami, "/call zoro")).toMatch(/^a terminal has no microphone: .*, which is still to come$/);
  });

  it("/rooms tells what is unread", async () => {
    const { nami, zoro } = await startTwo();
    await zoro.submit("hello");
    await until(nami, (state) => textsIn(state).length === 1);
    expect(await answerTo(nami, "/rooms")).toContain("#general  2 online, 1 message, 1 unread (here)");
  });

  it("/whois tells of who is not online when they wrote last", async () => {
    const { nami, zoro } = await startTwo();
    await zoro.submit("bye");
    await until(nami, (state) => textsIn(state).length === 1);
    await zoro.quit();
    await expect
      .poll(() => answerTo(nami, "/whois zoro"))
      .toMatch(/^Zoro \(zoro\) is not online; last seen writing at \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
    expect(await answerTo(nami, "/whois nobody")).toBe('nobody called "nobody" is online');
    const { entries } = currentRoom(nami.store.getState());
    expect(entries.filter((entry) => entry.kind === "notice" && entry.tone === "error")).toEqual([]);
  });

  it("leave no notices behind in a room that is left", async () => {
    const { nami } = await startTwo();
    for (const room of ["one-piece", "berserk", "one-piece", "berserk"]) await nami.submit(`/join ${room}`);
    await nami.submit("/join one-piece");
    expect(noticesIn(nami.store.getState())).toEqual(["you are in #one-piece now"]);
  });

  it("/history names the command that shows what is older, of the same room and server", async () => {
    const { nami, url } = await startTwo();
    const messages = Array.from({ length: 2000 }, (_, index) => messageOf(index + 3000));
    nami.store.dispatch({ type: "history.loaded", room_id: GENERAL_ROOM, messages });
    const { client } = nami;
    Object.defineProperty(client, "history", { value: async () => ({ messages: [messageOf(2999)] }) });
    const answer = await answerTo(nami, "/history 1");
    expect(answer).toContain(`mangahub chat history --server ${url} --room general --before 3000`);
    const last = currentRoom(nami.store.getState()).entries.at(-1);
    expect(last).toMatchObject({ kind: "notice", tone: "info" });
  });

  it("/pm reaches one person, and the conversation carries the other one's name", async () => {
    const { nami, zoro } = await startTwo();
    await nami.submit('/pm @"Zoro" psst');
    const received = await until(zoro, (state) => directTexts(state).length === 1);
    const room = [...received.rooms.values()].find(({ room_id }) => room_id.startsWith("dm:"));
    expect([room?.peer?.username, room?.unread]).toEqual(["Nami", 1]);
    const sent = await until(nami, (state) => directTexts(state).length === 1);
    expect([sent.waiting.size, textsIn(sent, "general")]).toEqual([0, []]);
    expect(await answerTo(nami, "/pm zoro")).toBe("write /pm <user> <message>");
  });

  it("/pm to nobody known is refused with the reason and kept for /retry and /drop", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    await nami.submit("/pm usopp hello");
    const refused = await until(nami, ({ rooms }) => rooms.get("general" as RoomId)?.entries.at(-1)?.order === 2);
    expect(refused.rooms.get("general" as RoomId)?.entries).toMatchObject([
      { kind: "outgoing", text: "hello", to: "usopp", refusal: { code: "unknown_user" } },
    ]);
    expect(nami.parts.outbox.entries()).toMatchObject([{ refusal: { code: "unknown_user" } }]);
    const usopp = await startSession({ name: "Usopp", url });
    expect(await answerTo(nami, "/retry")).toBe("sending 1 again");
    await until(usopp, (state) => directTexts(state)[0] === "hello");
    await until(nami, ({ waiting }) => waiting.size === 0);
    expect(nami.parts.outbox.entries()).toEqual([]);
  });

  it("/drop gives up the last refused message, or all of them", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    expect(await answerTo(nami, "/drop")).toBe("nothing was refused");
    for (const text of ["one", "two", "three"]) await nami.submit(`/pm usopp ${text}`);
    await nami.sender.settle();
    expect(await answerTo(nami, "/drop")).toBe("dropped 1");
    expect(nami.parts.outbox.entries().map(({ message }) => message)).toEqual(["one", "two"]);
    expect(await answerTo(nami, "/drop everything")).toContain("write /drop, /drop all, or /drop 2");
    expect(await answerTo(nami, "/drop all")).toBe("dropped 2");
    expect([nami.parts.outbox.entries(), nami.store.getState().waiting.size]).toEqual([[], 0]);
  });

  it("/history loads older messages, in a room and in a direct one, up to the beginning", async () => {
    const { url, server } = await startServer();
    for (let number = 1; number <= 60; number += 1) {
      await server.sendMessage({ room_id: "general", message: `message ${number}` });
    }
    const nami = await startSession({ name: "Nami", url });
    await until(nami, (state) => textsIn(state).length === 50);
    await nami.submit("/history 4");
    expect(textsIn(nami.store.getState()).slice(0, 2)).toEqual(["message 7", "message 8"]);
    await nami.submit("/history");
    expect(textsIn(nami.store.getState())).toHaveLength(60);
    expect(await answerTo(nami, "/history")).toBe("that is the beginning of #general");
    expect(await answerTo(nami, "/history 0x2")).toBe('"0x2" is no number of messages');

    await startSession({ name: "Zoro", url });
    await nami.submit("/pm zoro psst");
    const state = await until(nami, (now) => directTexts(now).length === 1);
    const direct = [...state.rooms.keys()].find((room_id) => room_id.startsWith("dm:"));
    await nami.enter(direct ?? ("general" as RoomId));
    await nami.submit("/clear");
    await nami.submit("/history");
    expect(textsIn(nami.store.getState())).toEqual(["psst"]);
    expect(await answerTo(nami, "/history")).toBe("that is the beginning of @Zoro");
  });

  it("/clear takes the lines away, not what waits to be sent", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    await nami.submit("/pm usopp hello");
    await nami.sender.settle();
    await nami.submit("hi");
    await until(nami, (state) => textsIn(state).length === 1);
    await nami.submit("/clear");
    const { rooms, current } = nami.store.getState();
    expect(rooms.get(current)?.entries.map(({ kind }) => kind)).toEqual(["outgoing"]);
  });

  it("/status tells server, name, room, connection and what waits", async () => {
    const { url } = await startServer();
    const nami = await startSession({ name: "Nami", url });
    await until(nami, ({ rooms }) => rooms.get("general" as RoomId)?.people.size === 1);
    const status = await answerTo(nami, "/status");
    for (const part of [url, "Nami (nami)", "#general, 1 online", "ms there and back", "outbox      empty"]) {
      expect(status).toContain(part);
    }
  });

  it("/nick changes the name for everybody; a taken one leaves things as they were", async () => {
    const { nami, zoro } = await startTwo();
    expect(await answerTo(nami, "/nick zoro")).toContain("taken");
    expect([nami.store.getState().self.username, nami.client.isConnected]).toEqual(["Nami", true]);
    expect(await answerTo(nami, "/nick \u200b")).toContain("letters, digits, _ or -");
    expect(await answerTo(nami, "/nick Cat Burglar")).toBe("you are Cat_Burglar now");
    await nami.submit("meow");
    const state = await until(zoro, (now) => textsIn(now).length === 1);
    expect(state.rooms.get("general" as RoomId)?.entries.at(-1)).toMatchObject({
      message: { username: "Cat_Burglar" },
    });
  });

  it("/quit ends the session after what was said is delivered", async () => {
    const { nami, zoro } = await startTwo();
    await nami.submit("bye");
    await nami.submit("/quit");
    expect(await nami.ended).toEqual({});
    expect(nami.parts.outbox.entries()).toEqual([]);
    const state = await until(zoro, ({ rooms }) => rooms.get("general" as RoomId)?.people.size === 1);
    expect(textsIn(state)).toEqual(["bye"]);
    expect(noticesIn(state)).toEqual([]);
  });
});
