import { describe, expect, it } from "vitest";
import { CallStage } from "../../../support/call-stage.js";

/** Nami with one device, Zoro with two. */
function stage(settings: ConstructorParameters<typeof CallStage>[0] = {}) {
  const calls = new CallStage(settings);
  const nami = calls.connect("Nami", "nami-1");
  const zoro = calls.connect("Zoro", "zoro-1");
  const other = calls.connect("Zoro", "zoro-2");
  return { calls, nami, zoro, other };
}

function answered(settings = {}) {
  const all = stage(settings);
  all.calls.call(all.nami, all.zoro);
  all.calls.answer(all.zoro);
  return all;
}

describe("a call", () => {
  it("rings on every device of the callee that wants calls, and nowhere else", () => {
    const { calls, nami, zoro, other } = stage();
    const deaf = calls.connect("Zoro", "zoro-3", false);
    const stranger = calls.connect("Usopp", "usopp-1");
    expect(calls.call(nami, zoro)).toBe("ringing");
    expect([zoro, other, deaf, stranger, nami].map((device) => calls.words(device))).toEqual([
      ["call.incoming offer of nami-1"],
      ["call.incoming offer of nami-1"],
      [],
      [],
      [],
    ]);
    expect(calls.calls.getStats()).toEqual({ ringing: 1, active: 0 });
  });

  it("rings on devices that come while it rings, with the candidates so far", () => {
    const { calls, nami, zoro } = stage();
    calls.call(nami, zoro);
    calls.ice(nami, "a");
    const late = calls.connect("Zoro", "zoro-3", false);
    expect(calls.words(late)).toEqual([]);
    calls.listen(late);
    calls.listen(late);
    calls.ice(nami, null);
    expect(calls.words(late)).toEqual(["call.incoming offer of nami-1", "call.ice a", "call.ice null"]);
    expect(calls.answer(late)).toBe("active");
  });

  it("is won by the first answer; the others stop ringing and are no part of it", () => {
    const { calls, nami, zoro, other } = stage();
    calls.call(nami, zoro);
    expect(calls.answer(other)).toBe("active");
    expect(calls.answer(zoro)).toBe("unknown_call");
    expect(calls.words(nami)).toEqual(["call.answer answer of zoro-2"]);
    expect(calls.words(zoro)).toEqual(["call.incoming offer of nami-1", "call.ended answered_elsewhere"]);
    for (const act of [calls.ice(zoro, "x"), calls.offerAgain(zoro), calls.hangUp(zoro)])
      expect(act).toBe("unknown_call");
    expect(calls.words(nami)).toHaveLength(1);
    expect(calls.calls.getStats()).toEqual({ ringing: 0, active: 1 });
  });

  it("passes the callee's candidates on only if that device wins, in order, after its answer", () => {
    const { calls, nami, zoro, other } = stage();
    calls.call(nami, zoro);
    calls.ice(zoro, "z1");
    calls.ice(other, "o1");
    calls.ice(zoro, "z2");
    expect(calls.words(nami)).toEqual([]);
    calls.answer(zoro);
    calls.ice(zoro, "z3");
    expect(calls.words(nami)).toEqual(["call.answer answer of zoro-1", "call.ice z1", "call.ice z2", "call.ice z3"]);
  });

  it("is renegotiated between the two devices, either way", () => {
    const { calls, nami, zoro, other } = answered();
    expect(calls.offerAgain(zoro, "video now")).toBe("active");
    expect(calls.answer(nami)).toBe("active");
    calls.offerAgain(nami, "and back");
    expect(calls.words(nami).slice(1)).toEqual(["call.offer video now"]);
    expect(calls.words(zoro).slice(1)).toEqual(["call.answer answer of nami-1", "call.offer and back"]);
    expect(calls.words(other).slice(1)).toEqual(["call.ended answered_elsewhere"]);
  });

  it("cannot be renegotiated before it is answered, nor answered by its caller", () => {
    const { calls, nami, zoro } = stage();
    calls.call(nami, zoro);
    expect([calls.offerAgain(nami), calls.offerAgain(zoro), calls.answer(nami)]).toEqual([
      "conflict",
      "conflict",
      "conflict",
    ]);
  });

  it("keeps a bounded number of signals, by count and by bytes", () => {
    const { calls, nami, zoro } = stage();
    calls.call(nami, zoro);
    const answers = Array.from({ length: 101 }, (_, index) => calls.ice(nami, `c${index}`));
    expect(answers.slice(-2)).toEqual(["ringing", "too_many"]);
    const large = "x".repeat(16_000);
    expect(Array.from({ length: 5 }, () => calls.ice(zoro, large))).toEqual([
      "ringing",
      "ringing",
      "ringing",
      "ringing",
      "too_many",
    ]);
  });
});

describe("a call ends", () => {
  it.each([
    { who: "nami", before: true, reason: undefined, told: "hangup" },
    { who: "nami", before: true, reason: "declined", told: "hangup" },
    { who: "zoro", before: true, reason: undefined, told: "declined" },
    { who: "zoro", before: true, reason: "hangup", told: "declined" },
    { who: "zoro", before: true, reason: "busy", told: "busy" },
    { who: "nami", before: false, reason: undefined, told: "hangup" },
    { who: "zoro", before: false, reason: "declined", told: "hangup" },
  ] as const)("when $who hangs up with $reason (before the answer: $before): $told", (row) => {
    const { who, before, reason, told } = row;
    const { calls, nami, zoro, other } = before ? stage() : answered();
    if (before) calls.call(nami, zoro);
    calls.runtime.advance(3000);
    const device = who === "nami" ? nami : zoro;
    expect(calls.hangUp(device, reason)).toBe("ended");
    const { user_id } = device.user;
    expect(calls.ended).toMatchObject([{ call_id: "c1", room_id: "dm:nami:zoro", reason: told, by: user_id }]);
    expect(calls.ended[0]?.duration_ms).toBe(before ? undefined : 3000);
    expect(calls.words(nami).at(-1)).toBe(`call.ended ${told}`);
    expect(calls.words(zoro).at(-1)).toBe(`call.ended ${told}`);
    expect(calls.words(other).at(-1)).toBe(before ? `call.ended ${told}` : "call.ended answered_elsewhere");
    expect(calls.hangUp(nami)).toBe("unknown_call");
    expect(calls.calls.getStats()).toEqual({ ringing: 0, active: 0 });
    expect(calls.runtime.timers).toBe(0);
  });

  it("without an answer after the time set, for both", () => {
    const { calls, nami, zoro } = stage();
    calls.call(nami, zoro);
    calls.runtime.advance(44_999);
    expect(calls.ended).toEqual([]);
    calls.runtime.advance(1);
    expect(calls.words(nami)).toEqual(["call.ended no_answer"]);
    expect(calls.words(zoro).at(-1)).toBe("call.ended no_answer");
    expect(calls.ended).toMatchObject([{ reason: "no_answer" }]);
    expect(calls.ended[0]).not.toHaveProperty("by");
    expect(calls.answer(zoro)).toBe("unknown_call");
  });

  it("at once if nobody can be rung, and is kept as missed", () => {
    const calls = new CallStage();
    const nami = calls.connect("Nami", "nami-1");
    const deaf = calls.connect("Zoro", "zoro-1", false);
    expect(calls.call(nami, deaf)).toBe("ended");
    expect(calls.words(nami)).toEqual(["call.ended unreachable"]);
    expect(calls.words(deaf)).toEqual([]);
    expect(calls.ended).toMatchObject([{ reason: "unreachable", callee: { user_id: "zoro" } }]);
  });

  it("at once as unreachable if the callee is invisible, in a call or not", () => {
    const { calls, nami, zoro } = stage();
    calls.hidden.add("zoro");
    expect(calls.call(nami, zoro)).toBe("ended");
    const usopp = calls.connect("Usopp", "usopp-1");
    calls.call(zoro, usopp, "c2");
    calls.call(nami, zoro, "c3");
    expect(calls.words(nami)).toEqual(Array(2).fill("call.ended unreachable"));
    expect(calls.words(zoro)).toEqual([]);
  });

  it("at once if the callee is rung by, or talks to, somebody else", () => {
    const { calls, nami, zoro } = stage();
    const usopp = calls.connect("Usopp", "usopp-1");
    calls.call(nami, zoro);
    expect(calls.call(usopp, zoro, "c2")).toBe("ended");
    calls.answer(zoro);
    expect(calls.call(usopp, zoro, "c3")).toBe("ended");
    expect(calls.call(usopp, nami, "c4")).toBe("ended");
    expect(calls.words(usopp)).toEqual(Array(3).fill("call.ended busy"));
    expect(calls.words(zoro)).toEqual(["call.incoming offer of nami-1"]);
    expect(calls.ended.map(({ call_id, reason }) => [call_id, reason])).toEqual([
      ["c2", "busy"],
      ["c3", "busy"],
      ["c4", "busy"],
    ]);
  });

  it("at once when its caller is lost while it rings", () => {
    const { calls, nami, zoro } = stage();
    calls.call(nami, zoro);
    calls.disconnect(nami);
    expect(calls.words(zoro).at(-1)).toBe("call.ended gone");
    expect(calls.ended).toMatchObject([{ reason: "gone" }]);
  });

  it("not when a device is lost on which it rings, even the last: one that comes back rings again", () => {
    const { calls, nami, zoro, other } = stage();
    calls.call(nami, zoro);
    calls.ice(nami, "a");
    calls.ice(zoro, "from a socket that is gone");
    calls.disconnect(zoro);
    calls.disconnect(other);
    expect(calls.ended).toEqual([]);
    const back = calls.connect("Zoro", "zoro-3");
    expect(calls.words(back)).toEqual(["call.incoming offer of nami-1", "call.ice a"]);
    calls.answer(back);
    expect(calls.words(nami)).toEqual(["call.answer answer of zoro-3"]);
  });

  it("with the hub, and there is no other", () => {
    const { calls, nami, zoro } = answered();
    calls.calls.stop();
    expect(calls.words(nami).at(-1)).toBe("call.ended gone");
    expect(calls.words(zoro).at(-1)).toBe("call.ended gone");
    expect(calls.ended).toMatchObject([{ reason: "gone", duration_ms: 0 }]);
    expect(calls.call(nami, zoro, "c2")).toBe("unavailable");
    expect(calls.runtime.timers).toBe(0);
  });
});

describe("who loses the connection in a call", () => {
  it.each(["ice", "offer", "answer"])("may come back to it in time by a signal (%s), and hears what was said", (by) => {
    const { calls, nami, zoro } = answered();
    calls.disconnect(nami);
    expect(calls.ice(zoro, "z1")).toBe("active");
    expect(calls.offerAgain(zoro, "z2")).toBe("active");
    calls.runtime.advance(9999);
    const back = calls.connect("Nami", "nami-2");
    expect(calls.words(back)).toEqual([]);
    const said = {
      ice: () => calls.ice(back, null),
      offer: () => calls.offerAgain(back),
      answer: () => calls.answer(back),
    };
    expect(said[by as keyof typeof said]()).toBe("active");
    expect(calls.words(back)).toEqual(["call.ice z1", "call.offer z2"]);
    calls.ice(zoro, "z3");
    expect(calls.words(back).at(-1)).toBe("call.ice z3");
    calls.runtime.advance(60_000);
    expect(calls.ended).toEqual([]);
    expect(calls.hangUp(back)).toBe("ended");
    expect(calls.words(zoro).at(-1)).toBe("call.ended hangup");
  });

  it("is given up after the grace, also when both are lost; the other one is told", () => {
    const { calls, nami, zoro } = answered();
    calls.disconnect(nami);
    calls.runtime.advance(5000);
    calls.disconnect(zoro);
    calls.runtime.advance(4999);
    expect(calls.ended).toEqual([]);
    calls.runtime.advance(1);
    expect(calls.ended).toMatchObject([{ reason: "gone", duration_ms: 10_000 }]);
  });

  it("is given up at once without a grace", () => {
    const { calls, nami, zoro } = answered({ grace: 0 });
    calls.disconnect(nami);
    expect(calls.words(zoro).at(-1)).toBe("call.ended gone");
  });

  it("may be back before that is noticed: the new device takes the place of the old one, which is out", () => {
    const { calls, nami, zoro } = answered();
    const back = calls.connect("Nami", "nami-2");
    expect([calls.answer(back), calls.hangUp(back)]).toEqual(["unknown_call", "unknown_call"]);
    expect(calls.ice(back, null)).toBe("active");
    expect(calls.words(nami).at(-1)).toBe("call.ended answered_elsewhere");
    calls.ice(zoro, "z1");
    expect(calls.words(back)).toEqual(["call.ice z1"]);
    expect([calls.ice(nami, "x"), calls.offerAgain(nami), calls.hangUp(nami)]).toEqual(Array(3).fill("unknown_call"));
    calls.disconnect(nami);
    calls.runtime.advance(60_000);
    expect(calls.hangUp(back)).toBe("ended");
  });

  it("leaves a place for no other user, nor for a device that did not answer first", () => {
    const { calls, nami, zoro, other } = answered();
    calls.disconnect(nami);
    calls.disconnect(zoro);
    const stranger = calls.connect("Usopp", "usopp-1");
    for (const device of [stranger, other]) {
      expect([calls.ice(device, "x"), calls.offerAgain(device), calls.answer(device), calls.hangUp(device)]).toEqual(
        Array(4).fill("unknown_call"),
      );
    }
    const second = calls.connect("Nami", "nami-2");
    expect(calls.hangUp(second)).toBe("ended");
  });

  it("gives the call up by making another one", () => {
    const { calls, nami, zoro } = answered();
    const usopp = calls.connect("Usopp", "usopp-1");
    calls.disconnect(nami);
    const back = calls.connect("Nami", "nami-2");
    expect(calls.call(back, usopp, "c2")).toBe("ringing");
    expect(calls.words(zoro).at(-1)).toBe("call.ended gone");
  });

  it("bounds what is kept for them, and a partner who is behind slows the other down", () => {
    const { calls, nami, zoro } = answered();
    nami.outlet.behind = true;
    expect(calls.ice(zoro, "a")).toBe("too_fast");
    nami.outlet.behind = false;
    calls.disconnect(nami);
    const answers = Array.from({ length: 101 }, () => calls.ice(zoro, "a"));
    expect(answers.slice(-2)).toEqual(["active", "too_many"]);
    expect(calls.hangUp(zoro)).toBe("ended");
  });
});

describe("a user", () => {
  it("makes one call at a time, of any of the devices", () => {
    const { calls, nami, zoro } = stage();
    const usopp = calls.connect("Usopp", "usopp-1");
    calls.call(zoro, usopp, "c1");
    expect([calls.call(zoro, nami, "c2"), calls.call(zoro, usopp, "c1")]).toEqual(["too_many", "conflict"]);
  });

  it("may call while being rung, but not answer while calling", () => {
    const { calls, nami, zoro } = stage();
    const usopp = calls.connect("Usopp", "usopp-1");
    calls.call(nami, zoro);
    expect(calls.call(zoro, usopp, "c2")).toBe("ringing");
    expect(calls.answer(zoro)).toBe("too_many");
    calls.hangUp(zoro, undefined, "c2");
    expect(calls.answer(zoro)).toBe("active");
  });

  it("who calls the one that is calling is told to answer", () => {
    const { calls, nami, zoro } = stage();
    calls.call(nami, zoro);
    expect(calls.call(zoro, nami, "c2")).toBe("conflict");
    expect(calls.ended).toEqual([]);
    expect(calls.answer(zoro)).toBe("active");
  });

  it("learns nothing of the calls of others", () => {
    const { calls, nami, zoro } = stage();
    const usopp = calls.connect("Usopp", "usopp-1");
    calls.call(nami, zoro);
    for (const act of [calls.answer(usopp), calls.ice(usopp, "x"), calls.hangUp(usopp)])
      expect(act).toBe("unknown_call");
    const robin = calls.connect("Robin", "robin-1");
    expect(calls.call(usopp, robin, "c1")).toBe("ringing");
    expect(calls.answer(robin, "c1")).toBe("active");
    expect(calls.answer(zoro, "c1")).toBe("active");
    expect(calls.calls.getStats()).toEqual({ ringing: 0, active: 2 });
  });

  it("finds the hub full at its bound", () => {
    const { calls, nami, zoro } = stage({ max_calls: 1 });
    const usopp = calls.connect("Usopp", "usopp-1");
    const robin = calls.connect("Robin", "robin-1");
    calls.call(nami, zoro);
    expect(calls.call(usopp, robin, "c2")).toBe("too_many");
    calls.hangUp(nami);
    expect(calls.call(usopp, robin, "c2")).toBe("ringing");
  });
});
