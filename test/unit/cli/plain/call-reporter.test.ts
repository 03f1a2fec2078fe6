import { describe, expect, it } from "vitest";
import { type ChatState, initialState } from "../../../../src/chat/chat-state.js";
import type { RingingCall } from "../../../../src/chat/entry.js";
import { CallReporter } from "../../../../src/cli/plain/call-reporter.js";
import { plainLines } from "../../../../src/cli/plain/plain-line.js";
import { PlainPrinter } from "../../../../src/cli/plain/plain-printer.js";
import { GENERAL_ROOM } from "../../../../src/protocol/room-id.js";
import { called, NOON, SELF, stateOf, ZORO } from "../../../support/chat-fixture.js";

const call: RingingCall = { call_id: "c1", from: ZORO, address: "http://127.0.0.1/?call=c1" };
const state = initialState(SELF, GENERAL_ROOM);
const ready: ChatState["link"] = { status: "ready", attempt: 0 };

describe("the call reporter", () => {
  it("says who calls and when that is over, once, and nothing of a break between", () => {
    const said: string[] = [];
    const reporter = new CallReporter((text) => said.push(text));
    const see = (ringing?: RingingCall, link = ready) => reporter.update({ ...state, link, ringing });
    see();
    see(call);
    see(call);
    see(undefined, { status: "waiting", attempt: 1 });
    see(call);
    see();
    see({ ...call, call_id: "c2", from: { ...ZORO, username: "usopp" } });
    expect(said).toEqual([
      "zoro is calling: to answer, open http://127.0.0.1/?call=c1 in a browser (the page is still to come); /decline declines",
      "zoro is not calling any more",
      "usopp is calling: to answer, open http://127.0.0.1/?call=c1 in a browser (the page is still to come); /decline declines",
    ]);
  });
});

describe("plain lines", () => {
  const ringing = { kind: "ringing", call, at: NOON, order: 2 } as const;
  const missed = called(1, { caller: ZORO });
  const shown = stateOf(
    { room_id: "general", entries: [ringing] },
    { room_id: "dm:a:b", entries: [missed], peer: ZORO },
  );

  it("tell of a call that is over, and not of one that rings", () => {
    const room = [...shown.rooms.values()][1];
    if (room === undefined) throw new Error("there are two rooms");
    expect(plainLines(missed, { room, self: SELF })).toEqual([
      expect.stringMatching(/^\d\d:\d\d \* missed call from zoro$/),
    ]);
    expect(plainLines(ringing, { room, self: SELF })).toEqual([]);
  });

  it("are JSON with the types of the wire, if wanted", () => {
    const printed: unknown[] = [];
    const output = { print: () => expect.fail("this is no JSON"), printJson: (value: unknown) => printed.push(value) };
    const printer = new PlainPrinter(output, { today: "", json: true });
    printer.update({ ...shown, next_order: 3 });
    expect(printed).toEqual([
      expect.objectContaining({ type: "call.ended", reason: "no_answer", seq: 1 }),
      { type: "call.incoming", ...call },
    ]);
  });
});
