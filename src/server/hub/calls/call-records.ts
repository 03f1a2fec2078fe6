import { nanoid } from "nanoid";
import { type CallDraft, LogUnavailable } from "../../log/event-log.js";
import type { Logger } from "../../telemetry/logger.js";
import { seatReaders } from "../commands/readable-room.js";
import type { HubContext } from "../commands/request.js";
import { type EndedCall, endOf } from "./call.js";

export type CallRecordsParts = {
  readonly hub: Pick<HubContext, "direct" | "delivery" | "join" | "now">;
  readonly logger: Logger;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
};

/** Records on their way to the log at once; while it can take none, later ones are given up. */
const MAX_UNDER_WAY = 1000;
/** The waits before a record is tried again: they double up to the last. */
const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 60_000;

/** Keeps each call that is over in the log of its two people's room. What the log cannot take now is tried again. */
export class CallRecords {
  readonly #parts: CallRecordsParts;
  readonly #underWay = new Set<Promise<void>>();
  readonly #wakes = new Set<() => void>();
  #isStopping = false;

  constructor(parts: CallRecordsParts) {
    this.#parts = parts;
  }

  add(call: EndedCall): void {
    if (this.#underWay.size >= MAX_UNDER_WAY) {
      return this.#giveUp(call, new Error(`${MAX_UNDER_WAY} records of calls wait already`));
    }
    const stored = this.#store(call, draftOf(call, this.#parts.hub.now())).finally(() => this.#underWay.delete(stored));
    this.#underWay.add(stored);
  }

  /** Resolves when every record is stored, or was tried a last time. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const wake of this.#wakes) wake();
    await Promise.all(this.#underWay);
  }

  async #store(call: EndedCall, draft: CallDraft): Promise<void> {
    for (let wait_ms = FIRST_WAIT_MS; ; wait_ms = Math.min(MAX_WAIT_MS, wait_ms * 2)) {
      const isLast = this.#isStopping;
      try {
        return await this.#append(call, draft);
      } catch (error) {
        // What the log refuses has not been stored, so trying again stores it once.
        if (isLast || !(error instanceof LogUnavailable)) return this.#giveUp(call, error);
      }
      await this.#pause(wait_ms);
    }
  }

  async #append({ caller, callee }: EndedCall, draft: CallDraft): Promise<void> {
    const { hub } = this.#parts;
    const room = await hub.direct.between(caller, callee);
    seatReaders(hub, room);
    room.pins += 1;
    try {
      await hub.delivery.append(draft);
    } finally {
      room.pins -= 1;
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakes.delete(wake);
        cancel();
        resolve();
      };
      const cancel = this.#parts.startTimer(ms, wake);
      this.#wakes.add(wake);
    });
  }

  #giveUp({ call_id, room_id }: EndedCall, error: unknown): void {
    this.#parts.logger.error({ err: error, call_id, room_id }, "a call could not be kept in its room");
  }
}

function draftOf(call: EndedCall, created_ms: number): CallDraft {
  const { room_id, ...details } = endOf(call);
  return { type: "call.ended", room_id, ...call.caller, id: nanoid(), created_ms, details };
}
