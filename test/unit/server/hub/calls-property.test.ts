import fc from "fast-check";
import { expect, it } from "vitest";
import type { Device } from "../../../../src/server/hub/device.js";
import { CallStage } from "../../../support/call-stage.js";

const PEOPLE = ["Nami", "Zoro", "Usopp"] as const;
const person = fc.nat(PEOPLE.length - 1);
const slot = fc.nat(2);
/** How many calls back: mostly it is about the last one. */
const call = fc.constantFrom(0, 0, 0, 1);
const device = { person, slot };
const step = fc.oneof(
  fc.record({ do: fc.constant("connect" as const), ...device }),
  fc.record({ do: fc.constant("disconnect" as const), ...device }),
  fc.record({ do: fc.constant("call" as const), ...device, to: person }),
  fc.record({ do: fc.constant("answer" as const), ...device, call }),
  fc.record({ do: fc.constant("ice" as const), ...device, call }),
  fc.record({ do: fc.constant("offer" as const), ...device, call }),
  fc.record({ do: fc.constant("hangUp" as const), ...device, call }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What must hold, noted while things happen to a hub's calls. */
class Watch {
  readonly stage = new CallStage();
  readonly started = new Map<string, { readonly between: ReadonlySet<string>; winner?: Device }>();
  readonly #slots = new Map<string, Device>();
  readonly #everybody = new Set<Device>();

  take(each: Step): void {
    if (each.do === "wait") return this.stage.runtime.advance(each.ms);
    const key = `${PEOPLE[each.person]}-${each.slot}`;
    const known = this.#slots.get(key);
    if (each.do === "connect") {
      if (known !== undefined) return;
      const connected = this.stage.connect(PEOPLE[each.person] ?? "", key);
      this.#slots.set(key, connected);
      this.#everybody.add(connected);
      return;
    }
    if (known === undefined) return;
    if (each.do === "disconnect") {
      this.#slots.delete(key);
      return this.stage.disconnect(known);
    }
    if (each.do === "call") return this.#call(known, each.to);
    const call_id = `c${this.started.size - each.call}`;
    if (each.do === "answer") return this.#answer(known, call_id);
    if (each.do === "ice") this.stage.ice(known, "x", call_id);
    if (each.do === "offer") this.stage.offerAgain(known, "x", call_id);
    if (each.do === "hangUp") this.stage.hangUp(known, undefined, call_id);
  }

  #call(caller: Device, to: number): void {
    const call_id = `c${this.started.size + 1}`;
    const callee = [...this.#slots.values()].find(({ user }) => user.username === PEOPLE[to]);
    if (callee === undefined || callee.user.user_id === caller.user.user_id) return;
    const answer = this.stage.call(caller, callee, call_id);
    if (answer !== "ringing" && answer !== "ended") return;
    this.started.set(call_id, { between: new Set([caller.user.user_id, callee.user.user_id]) });
  }

  #answer(answering: Device, call_id: string): void {
    const answer = this.stage.answer(answering, call_id);
    const known = this.started.get(call_id);
    if (answer !== "active" || known === undefined) return;
    // The caller may answer, too: another offer.
    if (!isRung(this.stage, answering, call_id)) return;
    // Nobody answers what another device of the user has, unless that one was lost.
    if (known.winner !== undefined && known.winner !== answering) expect(known.winner.is_gone).toBe(true);
    known.winner = answering;
  }

  check(): void {
    this.stage.calls.stop();
    expect(this.stage.calls.getStats()).toEqual({ ringing: 0, active: 0 });
    expect(this.stage.runtime.timers).toBe(0);
    expect(this.stage.ended.map(({ call_id }) => call_id).toSorted()).toEqual([...this.started.keys()].toSorted());
    for (const each of this.#everybody) this.#checkHeard(each);
  }

  /** Only of one's own calls, the invitation first and the end last, and the end once. */
  #checkHeard(each: Device): void {
    for (const [call_id, { between }] of this.started) {
      const heard = (this.stage.heard.get(each) ?? []).filter(
        ({ payload }) => "call_id" in payload && payload.call_id === call_id,
      );
      const types = heard.map(({ type }) => type);
      if (!between.has(each.user.user_id)) expect(types).toEqual([]);
      const ends = types.filter((type) => type === "call.ended");
      expect(ends.length).toBeLessThanOrEqual(1);
      if (ends.length === 1) expect(types.at(-1)).toBe("call.ended");
      expect(types.lastIndexOf("call.incoming")).toBeLessThanOrEqual(0);
      if (types.includes("call.incoming") && !each.is_gone) expect(ends).toHaveLength(1);
    }
  }
}

function isRung(stage: CallStage, each: Device, call_id: string): boolean {
  return (stage.heard.get(each) ?? []).some(
    ({ type, payload }) => type === "call.incoming" && payload.call_id === call_id,
  );
}

it("a call ends exactly once, is never won twice, and is heard of by nobody else, whatever happens", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const watch = new Watch();
      for (const slot of [0, 1, 2]) {
        for (const [person] of PEOPLE.entries()) watch.take({ do: "connect", person, slot });
      }
      for (const each of steps) watch.take(each);
      watch.check();
    }),
    { numRuns: 500 },
  );
});
