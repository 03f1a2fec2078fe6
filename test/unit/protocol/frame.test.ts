import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMAND_PAYLOADS, type Command } from "../../../src/protocol/command.js";
import { ERROR_CODES } from "../../../src/protocol/error-code.js";
import { EVENT_PAYLOADS, type ServerEvent } from "../../../src/protocol/event.js";
import { decodeCommand, decodeEvent, encodeCommand, encodeEvent } from "../../../src/protocol/frame.js";
import { anyCommand, anyEvent, anyText, COVERED } from "./arbitrary.js";

const NOW = "2026-01-01T00:00:00.000Z";
const DECODERS = [decodeCommand, decodeEvent];

/** What every decoder owes for every text: a value, or a failure of the table. */
function expectAnswer(text: string): void {
  for (const decode of DECODERS) {
    const decoded = decode(text);
    if (!decoded.ok) expect(ERROR_CODES).toHaveProperty(decoded.failure.code);
  }
}

function send(payload: object) {
  const body = { room_id: "general", message: "hi", client_id: "c1", ...payload };
  return decodeCommand(JSON.stringify({ id: "r1", type: "message.send", payload: body }));
}

describe("decoding never throws", () => {
  it("on any text", () => {
    fc.assert(fc.property(anyText, expectAnswer));
  });

  it("on any JSON, also as payload of a known type", () => {
    const types = [...Object.keys(COMMAND_PAYLOADS), ...Object.keys(EVENT_PAYLOADS), "__proto__", "constructor"];
    fc.assert(fc.property(fc.json(), expectAnswer));
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.dictionary(fc.string(), fc.jsonValue()), (type, payload) => {
        expectAnswer(JSON.stringify({ id: "r", type, payload }));
      }),
    );
  });

  it("on valid frames with one character changed, cut or doubled", () => {
    const frame = fc.oneof(anyCommand, anyEvent).map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        frame,
        fc.nat(),
        fc.constantFrom("", '"', "{", "\u0000", "9", "null", "\ud800"),
        (text, place, put) => {
          const at = place % text.length;
          expectAnswer(text.slice(0, at) + put + text.slice(at + 1));
          expectAnswer(text.slice(0, at));
        },
      ),
    );
  });

  it("on nesting without end, anywhere in a frame", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    const objects = '{"a":'.repeat(20_000) + "1" + "}".repeat(20_000);
    for (const value of [deep, objects]) {
      expectAnswer(value);
      expectAnswer(`{"id":"r","type":"ping","payload":{"x":${value}}}`);
      expectAnswer(`{"id":"r","type":"message.send","payload":{"message":${value}}}`);
      const meta = `{"room_id":"general","message":"hi","client_id":"c","meta":{"x":${value}}}`;
      const decoded = decodeCommand(`{"id":"r","type":"message.send","payload":${meta}}`);
      expect(decoded).toMatchObject({ ok: false, failure: { code: "bad_payload", field: "meta" }, reply_to: "r" });
    }
  });

  it("on objects that pretend to be long, in any field", () => {
    const pretenders = [
      '{"length":{"toString":1}}',
      '{"length":{"valueOf":1,"toString":1}}',
      '{"length":1e999}',
      '{"size":{}}',
    ];
    for (const [type, { shape }] of Object.entries({ ...COMMAND_PAYLOADS, ...EVENT_PAYLOADS })) {
      for (const field of Object.keys(shape)) {
        for (const value of pretenders) {
          const payload = `{${JSON.stringify(field)}:${value}}`;
          expectAnswer(`{"id":"r","type":${JSON.stringify(type)},"payload":${payload}}`);
          expectAnswer(`{"id":"r","type":${JSON.stringify(type)},"payload":{${JSON.stringify(field)}:[${value}]}}`);
        }
      }
    }
    const pretender = { length: { toString: 1 } };
    expect(send({ to: pretender })).toMatchObject({ ok: false, failure: { code: "bad_payload" }, reply_to: "r1" });
  });

  it("on numbers that no computer holds", () => {
    for (const number of ["1e999", "-1e999", "9007199254740993", "0.1", "-0", "1e-999"]) {
      for (const field of ["reply_to", "chapter"]) {
        expectAnswer(
          `{"type":"message.send","payload":{"room_id":"a","message":"m","client_id":"c","${field}":${number}}}`,
        );
      }
    }
    expect(send({ reply_to: 2 ** 53 })).toMatchObject({ ok: false, failure: { field: "reply_to" } });
  });

  it("on __proto__, which changes nobody's prototype", () => {
    const text =
      '{"id":"r","type":"message.send","__proto__":{"a":1},"payload":{"__proto__":{"b":1},"room_id":"general",';
    const decoded = decodeCommand(
      `${text}"message":"hi","client_id":"c","meta":{"__proto__":{"c":1},"d":{"__proto__":{"e":1}}}}}`,
    );
    expect(decoded.ok).toBe(true);
    expect(({} as Record<string, unknown>)["c"]).toBeUndefined();
    expect(decoded.ok && Object.getPrototypeOf(decoded.value.payload)).toBe(Object.prototype);
  });
});

describe("a refused frame", () => {
  it("names the request it answers and the field at fault", () => {
    expect(send({ message: "" })).toMatchObject({ ok: false, reply_to: "r1", failure: { field: "message" } });
    expect(send({ to: "zoro" })).toMatchObject({ ok: false, reply_to: "r1", failure: { field: "room_id" } });
    expect(send({ client_id: "two words" })).toMatchObject({ ok: false, failure: { field: "client_id" } });
    const resume = { resume: [{ room_id: "general" }, { room_id: "No Room" }] };
    const decoded = decodeCommand(JSON.stringify({ id: "r2", type: "subscribe", payload: resume }));
    expect(decoded).toMatchObject({ reply_to: "r2", failure: { code: "bad_payload", field: "resume.1.room_id" } });
  });

  it("is answered by its id even if it is no envelope otherwise", () => {
    expect(decodeCommand('{"id":"r3","type":7}')).toMatchObject({
      reply_to: "r3",
      failure: { code: "bad_frame", field: "type" },
    });
    expect(decodeCommand('{"id":"r3","type":"sing"}')).toMatchObject({
      reply_to: "r3",
      failure: { code: "unknown_type", message: 'there is no command "sing"' },
    });
    expect(decodeCommand(`{"id":"${"x".repeat(65)}","type":"ping"}`)).not.toHaveProperty("reply_to");
    expect(decodeEvent('{"reply_to":"r4","type":"pong","payload":[]}')).toMatchObject({ reply_to: "r4" });
    expect(decodeEvent('{"reply_to":"r5","type":"message.ack","payload":{}}')).toMatchObject({ reply_to: "r5" });
  });

  it("never repeats what came in so that a terminal would obey it", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const decoded = decodeCommand(JSON.stringify({ type: text.slice(0, 60) }));
        // oxlint-disable-next-line no-control-regex -- that none is left is what is expected
        if (!decoded.ok) expect(decoded.failure.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  it("is too_large for a text or a meta above its bound, and fits at the bound", () => {
    expect(send({ message: "x".repeat(16 * 1024) }).ok).toBe(true);
    expect(send({ message: "é".repeat(8 * 1024 + 1) })).toMatchObject({
      failure: { code: "too_large", field: "message" },
    });
    expect(send({ meta: { a: "x".repeat(1016) } }).ok).toBe(true);
    expect(send({ meta: { a: "x".repeat(1017) } })).toMatchObject({ failure: { code: "too_large", field: "meta" } });
  });
});

describe("what is decoded", () => {
  it("is what was encoded, for every command", () => {
    expect(COVERED.commands).toEqual(Object.keys(COMMAND_PAYLOADS));
    fc.assert(
      fc.property(anyCommand, (command) => {
        // The arbitrary builds commands of every type; its own type says less.
        const text = encodeCommand(command as unknown as Command, NOW);
        expect(decodeCommand(text)).toEqual({ ok: true, value: command });
      }),
    );
  });

  it("is what was encoded, for every event, with the request it answers", () => {
    expect(COVERED.events).toEqual(Object.keys(EVENT_PAYLOADS));
    fc.assert(
      fc.property(anyEvent, fc.option(fc.string({ maxLength: 64 }), { nil: undefined }), (event, reply_to) => {
        const frame = { id: "f", timestamp: NOW, ...(reply_to === undefined ? {} : { reply_to }) };
        const decoded = decodeEvent(encodeEvent(event as unknown as ServerEvent, frame));
        expect(decoded).toEqual({ ok: true, value: reply_to === undefined ? event : { ...event, reply_to } });
      }),
    );
  });

  it("is sanitised: the text of a message and everything in its meta", () => {
    const decoded = send({ message: "a\u001b[31m\u202eb", meta: { "k\u009b": ["\u0007x", { y: "\ufeffz" }], n: 1 } });
    expect(decoded).toMatchObject({
      value: { payload: { message: "a[31mb", meta: { k: ["x", { y: "z" }], n: 1 } } },
    });
  });

  it("leaves out fields it does not know, for newer versions may add some", () => {
    expect(decodeCommand('{"id":"r","type":"ping","payload":{"new":1},"trace":2}')).toEqual({
      ok: true,
      value: { id: "r", type: "ping", payload: {} },
    });
  });

  it("counts an event that a newer hub logs and this program does not know", () => {
    const later = { type: "reaction.added", payload: { room_id: "general", seq: 7, emoji: "👒" } };
    const room = { status: "ok", room_id: "general", epoch: "e", head: 7, events: [later] };
    const frame = { type: "subscribed", payload: { topics: [], rooms: [room] } };
    expect(decodeEvent(JSON.stringify(frame))).toMatchObject({
      ok: true,
      value: { payload: { rooms: [{ events: [{ type: "unknown", payload: { room_id: "general", seq: 7 } }] }] } },
    });
  });

  it("is refused if an event that is known is not as it should be", () => {
    const broken = { type: "message.new", payload: { room_id: "general", seq: 7 } };
    const room = { status: "ok", room_id: "general", epoch: "e", head: 7, events: [broken] };
    const frame = { type: "subscribed", payload: { topics: [], rooms: [room] } };
    expect(decodeEvent(JSON.stringify(frame))).toMatchObject({ ok: false });
  });

  it("is an error also when a newer hub uses a code that is unknown here", () => {
    const payload = { code: "on_fire", message: "run", retryable: false };
    expect(decodeEvent(JSON.stringify({ type: "error", reply_to: "r", payload }))).toEqual({
      ok: true,
      value: { type: "error", reply_to: "r", payload: { ...payload, code: "internal" } },
    });
  });

  it("has times that can be read, whatever passes as one", () => {
    const since = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.stringMatching(/^\d{4}-[01]\d-[0-3]\dT[012]\d:[0-5]\d:[0-5]\d(Z|[+-]\d\d:\d\d)$/),
    );
    fc.assert(
      fc.property(since, (text) => {
        const payload = { room_id: "general", since: text };
        const decoded = decodeCommand(JSON.stringify({ type: "history.get", payload }));
        if (decoded.ok) expect(Date.parse(text)).not.toBeNaN();
      }),
    );
  });
});
