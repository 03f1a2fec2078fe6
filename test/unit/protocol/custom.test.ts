import { describe, expect, it } from "vitest";
import { COMMAND_PAYLOADS } from "../../../src/protocol/command.js";
import { isCustomType, RESERVED_TYPES } from "../../../src/protocol/custom.js";
import { EVENT_PAYLOADS } from "../../../src/protocol/event.js";
import { decodeCommand, decodeEvent, decodeFrame, decodeRequest } from "../../../src/protocol/frame.js";

const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const ours = [...Object.keys(COMMAND_PAYLOADS), ...Object.keys(EVENT_PAYLOADS), ...RESERVED_TYPES];
const frame = (type: string, payload: object = {}) => JSON.stringify({ id: "1", type, payload });
const knows = (type: string) => type === "game.move";

describe("a type of an embedder's own", () => {
  it("is two words or more", () => {
    for (const good of ["game.move", "a.b", "a_1.b_2.c", `g.${"x".repeat(62)}`]) expect(isCustomType(good)).toBe(true);
    const bad = [
      "game",
      "",
      ".",
      "game.",
      ".move",
      "game..move",
      "Game.move",
      "game.Move",
      "1.a",
      "game move.x",
      "a.é",
    ];
    for (const text of [...bad, "a.b\n", "__proto__.x", `g.${"x".repeat(63)}`]) expect(isCustomType(text)).toBe(false);
  });

  it.each(ours)("is never ours: %s", (type) => {
    expect(isCustomType(type)).toBe(false);
    if (type.includes(".")) expect(isCustomType(`${type}.x`)).toBe(false);
  });
});

describe("a command of such a type", () => {
  it("comes out where somebody knows it, payload and all", () => {
    const command = { id: "1", type: "custom", name: "game.move", payload: { to: "e4" } };
    expect(decodeRequest(frame("game.move", { to: "e4" }), knows)).toEqual({ ok: true, value: command });
  });

  it("is unknown elsewhere, and our own are what they were", () => {
    for (const decoded of [decodeRequest(frame("game.over"), knows), decodeCommand(frame("game.move"))]) {
      expect(decoded).toMatchObject({ ok: false, reply_to: "1", failure: { code: "unknown_type", field: "type" } });
    }
    expect(decodeRequest(frame("ping"), () => true)).toMatchObject({ value: { type: "ping" } });
    expect(decodeRequest(frame("message.edited"), () => true)).toMatchObject({ failure: { code: "unknown_type" } });
    expect(decodeRequest(frame("custom"), () => true)).toMatchObject({ failure: { code: "unknown_type" } });
  });

  it("is not too deep, and replaces no prototype", () => {
    expect(decodeRequest(frame("game.move", nested(31)), knows)).toMatchObject({ ok: true });
    const proto = '{"id":"1","type":"game.move","payload":{"a":[{"__proto__":{"isAdmin":true}}]}}';
    for (const text of [frame("game.move", nested(33)), proto]) {
      const refused = { failure: { code: "bad_payload", field: "payload" }, reply_to: "1" };
      expect(decodeRequest(text, knows)).toMatchObject(refused);
    }
  });
});

describe("an event of such a type", () => {
  it("comes out of decodeFrame, with the request it answers, and is skipped by decodeEvent", () => {
    const text = JSON.stringify({ id: "f", type: "game.moved", payload: { n: 1 }, reply_to: "r" });
    const value = { type: "custom", name: "game.moved", payload: { n: 1 }, reply_to: "r" };
    expect(decodeFrame(text)).toEqual({ ok: true, value });
    expect(decodeEvent(text)).toMatchObject({ ok: false, failure: { code: "unknown_type" }, reply_to: "r" });
  });

  it("is not what a newer hub says, nor too deep", () => {
    for (const text of [frame("message.edited"), frame("sparkle"), frame("game.moved", nested(33))]) {
      expect(decodeFrame(text)).toMatchObject({ ok: false, failure: { code: "unknown_type" } });
    }
  });
});
