import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RoomLog, type Step, takeLive, takeResume } from "../../../src/client/room-log.js";
import type { DurableEvent } from "../../../src/protocol/durable-event.js";
import type { ResumeResult } from "../../../src/protocol/event.js";
import { GENERAL_ROOM } from "../../../src/protocol/room-id.js";
import { messageOf, okResult } from "../../support/messages.js";

const fresh: RoomLog = { room_id: GENERAL_ROOM, asking: true };
const at = (seq: number, asking = false): RoomLog => ({ ...fresh, asking, position: { epoch: "e1", seq } });
const event = (seq: number): DurableEvent => ({ type: "message.new", payload: messageOf(seq) });
const seqs = (step: Step): number[] => step.events.map((each) => each.payload.seq);

describe("a room's log", () => {
  it("applies the next event, drops an earlier one, and asks for what is missing once", () => {
    expect(seqs(takeLive(at(4), event(5)))).toEqual([5]);
    expect(takeLive(at(4), event(4))).toMatchObject({ events: [], ask: false });
    const gap = takeLive(at(4), event(7));
    expect(gap).toMatchObject({ events: [], ask: true });
    expect(takeLive(gap.log, event(8))).toMatchObject({ events: [], ask: false });
  });

  it("begins at the head it is told when it had no position", () => {
    const step = takeResume(fresh, okResult("general", 60, 11));
    expect(seqs(step)).toHaveLength(50);
    expect(step.log).toEqual(at(60));
  });

  it("goes on from next after more", () => {
    const more: ResumeResult = { status: "more", room_id: GENERAL_ROOM, epoch: "e1", events: [event(2)], next: 2 };
    expect(takeResume(at(1, true), more)).toMatchObject({ ask: true, log: at(2, true) });
  });

  it("starts anew after a reset, after another epoch, and after an answer with a hole", () => {
    const reset = { room_id: GENERAL_ROOM, epoch: "e2", head: 9, oldest: 1, reason: "epoch" } as const;
    const answers: ResumeResult[] = [
      { status: "reset", ...reset },
      { ...okResult("general", 9, 6), epoch: "e2" } as ResumeResult,
      okResult("general", 9, 8),
      { ...okResult("general", 8, 6), head: 9 } as ResumeResult,
    ];
    for (const answer of answers) {
      expect(takeResume(at(5, true), answer)).toMatchObject({ events: [], ask: true, forgotten: true, log: fresh });
    }
  });

  it("does not ask again without end when a reset answers a question without a point", () => {
    const reset = { room_id: GENERAL_ROOM, epoch: "e2", head: 9, oldest: 1, reason: "epoch" } as const;
    const step = takeResume(fresh, { status: "reset", ...reset });
    expect(step).toMatchObject({ ask: false, log: { position: { epoch: "e2", seq: 9 }, asking: false } });
  });

  it("applies each event once and in order, whatever is lost, repeated or mixed up on the way", () => {
    const deliveries = fc.array(
      fc.oneof(fc.record({ live: fc.nat(40) }), fc.record({ answer: fc.integer({ min: 1, max: 9 }) })),
    );
    fc.assert(
      fc.property(fc.nat(10), deliveries, (start, steps) => {
        const hub = new Transcript(start);
        for (const each of steps) {
          if ("live" in each) hub.live(each.live);
          else hub.answer(each.answer);
        }
        hub.settle();
        expect(hub.applied).toEqual(Array.from({ length: hub.head - start }, (_, index) => start + 1 + index));
      }),
    );
  });
});

/** A hub's log and one reader of it, who began at `start`. The log grows as far as events are said live. */
class Transcript {
  readonly applied: number[] = [];
  head: number;
  #log: RoomLog;

  constructor(start: number) {
    this.head = start;
    this.#log = at(start);
  }

  live(seq: number): void {
    if (seq === 0) return;
    this.head = Math.max(this.head, seq);
    this.#apply(takeLive(this.#log, event(seq)));
  }

  answer(limit: number): void {
    const { position, asking } = this.#log;
    if (!asking || position === undefined) return;
    const last = Math.min(this.head, position.seq + limit);
    const ok = okResult("general", last, position.seq + 1);
    if (ok.status !== "ok") return;
    const { head: next, ...rest } = ok;
    this.#apply(takeResume(this.#log, last === this.head ? ok : { ...rest, status: "more", next }));
  }

  settle(): void {
    this.live(this.head + 1);
    while (this.#log.asking) this.answer(7);
  }

  #apply(step: Step): void {
    expect(step.forgotten).toBe(false);
    this.applied.push(...seqs(step));
    this.#log = step.log;
  }
}
