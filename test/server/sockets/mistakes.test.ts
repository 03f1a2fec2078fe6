import { describe, expect, it } from "vitest";
import { provideChatServers, type TestHub } from "../../support/chat-server-fixture.js";
import type { RawClient } from "../../support/raw-client.js";

const { startHub } = provideChatServers();

type Row = {
  readonly what: string;
  readonly frame: object | string;
  /** Of the `error`; without a field of its own the frame as a whole is at fault. */
  readonly code: string;
  readonly field?: string;
};

const text = { message: "hi", client_id: "1" };
const ROWS: readonly Row[] = [
  { what: "no JSON", frame: "{", code: "bad_frame" },
  { what: "no object", frame: "[]", code: "bad_frame" },
  { what: "no type", frame: { payload: {} }, code: "bad_frame", field: "type" },
  { what: "a type that is no text", frame: { type: 7 }, code: "bad_frame", field: "type" },
  { what: "a payload that is no object", frame: { type: "ping", payload: [1] }, code: "bad_frame", field: "payload" },
  { what: "a type nobody knows", frame: { type: "no.such" }, code: "unknown_type", field: "type" },
  { what: "a reserved type", frame: { type: "message.edited" }, code: "unknown_type", field: "type" },
  { what: "a type of the hub's own", frame: { type: "message.new" }, code: "unknown_type", field: "type" },
  { what: "a missing field", frame: { type: "message.send", payload: text }, code: "bad_payload", field: "room_id" },
  {
    what: "a field out of range",
    frame: { type: "history.get", payload: { room_id: "general", limit: 501 } },
    code: "bad_payload",
    field: "limit",
  },
  {
    what: "a field deep inside",
    frame: { type: "subscribe", payload: { resume: [{ room_id: "general", seq: -1 }] } },
    code: "bad_payload",
    field: "resume.0.seq",
  },
  {
    what: "a message that is too large",
    frame: { type: "message.send", payload: { ...text, room_id: "general", message: "x".repeat(16_385) } },
    code: "too_large",
    field: "message",
  },
  {
    what: "somebody else's room",
    frame: { type: "message.send", payload: { ...text, room_id: "dm:a:b" } },
    code: "unknown_room",
    field: "room_id",
  },
  {
    what: "nobody",
    frame: { type: "message.send", payload: { ...text, to: "nobody" } },
    code: "unknown_user",
    field: "to",
  },
  {
    what: "authenticate, too late",
    frame: { type: "authenticate", payload: { token: "x" } },
    code: "forbidden",
    field: "type",
  },
];

/** Sends the frame under this name, if it can have one, and gives what the hub says to it. */
async function refusalOf(client: RawClient, { frame }: Row, id: string): Promise<unknown> {
  client.sendText(typeof frame === "string" ? frame : JSON.stringify({ id, ...frame }));
  if (typeof frame === "object") return client.answer(id);
  return client.take((answer) => (answer as { type: string }).type === "error");
}

async function joined(): Promise<{ hub: TestHub; nami: RawClient }> {
  const hub = await startHub();
  return { hub, nami: await hub.join({ name: "Nami", room: "general" }) };
}

describe("an honest mistake", () => {
  it.each(ROWS)("such as $what is answered with code, field and reply_to, and the connection goes on", async (row) => {
    const { nami } = await joined();
    const answer = await refusalOf(nami, row, "mine");
    expect(answer).toMatchObject({ type: "error", payload: { code: row.code, retryable: false } });
    expect((answer as { reply_to?: string }).reply_to).toBe(typeof row.frame === "string" ? undefined : "mine");
    expect((answer as { payload: { field?: string } }).payload.field).toBe(row.field);
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });

  it.each(ROWS)("such as $what ends the connection when it is made a hundred times in a row", async (row) => {
    const { hub, nami } = await joined();
    const zoro = await hub.join({ name: "Zoro", room: "general" });
    for (let count = 0; count < 99; count += 1) await refusalOf(nami, row, `a${count}`);
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
    for (let count = 0; count < 100; count += 1) await refusalOf(nami, row, `b${count}`);
    expect(await nami.closed).toMatchObject({ code: 4400 });
    expect(nami.heard("error")).toHaveLength(199);
    expect(await zoro.ask("ping")).toMatchObject({ type: "pong" });
  });
});

describe("what is refused now but may succeed later", () => {
  it("is no mistake: it is answered for ever", async () => {
    const { hub, nami } = await joined();
    hub.server.handle("game.move", ({ fail }) => fail("unavailable", "not now"));
    for (let count = 0; count < 150; count += 1) {
      expect(await nami.ask("game.move")).toMatchObject({ payload: { code: "unavailable", retryable: true } });
    }
    expect(await nami.ask("ping")).toMatchObject({ type: "pong" });
  });
});
