import type { CommandPayload } from "../../../protocol/command.js";
import { type Failure, failure } from "../../../protocol/error-code.js";
import type { ServerEvent, User } from "../../../protocol/event.js";
import { directRoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { Device } from "../device.js";
import type { People } from "../people.js";
import {
  type Call,
  type CallFacts,
  deadlineOf,
  type EndedCall,
  type LiveCall,
  partnerOf,
  type RingingCall,
  type Side,
  sideOf,
  sideToTake,
} from "./call.js";
import {
  answer,
  end,
  endAtOnce,
  expire,
  hangUp,
  lose,
  relay,
  ring,
  signalOf,
  type Step,
  unknownCall,
} from "./call-steps.js";
import { NOTHING_KEPT } from "./kept.js";

/** The `calls` group of the config; durations in ms. */
export type CallSettings = { readonly ring_timeout: number; readonly grace: number; readonly max_calls: number };

export type CallsParts = {
  readonly people: Pick<People, "devicesOf">;
  /** Whether somebody wants to be taken for away. */
  readonly isHidden: (user_id: UserId) => boolean;
  /** Says something to these devices, however far behind they are. */
  readonly send: (to: readonly Device[], event: ServerEvent) => void;
  readonly settings: CallSettings;
  /** What time it is (Unix ms), and a clock that never steps, for all that lasts. */
  readonly now: () => number;
  readonly elapsedMs: () => number;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
  /** Called once for every call, when it is over. */
  readonly onEnded: (call: EndedCall) => void;
};

type Reply = (event: ServerEvent) => void;
type Asked<T extends "call.answer" | "call.ice" | "call.hangup"> = {
  readonly device: Device;
  readonly payload: CommandPayload<T>;
  readonly reply: Reply;
};
type Offer = { readonly device: Device; readonly payload: CommandPayload<"call.offer">; readonly reply: Reply };

type AskedOfCall = { readonly device: Device; readonly payload: { readonly call_id: string }; readonly reply: Reply };
type Take = (call: LiveCall, side: Side) => Step | Failure;

/** A call that is not over, with the timer of its deadline. */
type Live = { call: LiveCall; deadline: number | undefined; cancel: () => void };

/** How long to wait with signals for somebody whose connection is behind, ms. */
const BEHIND_WAIT_MS = 1000;

/**
 * The calls of the hub. A user is in one call at a time, and rung by one more at most. What a call becomes is decided
 * by pure steps; here it gets its devices, its timer and its end.
 */
export class Calls {
  readonly #parts: CallsParts;
  readonly #live = new Set<Live>();
  /** The call that somebody makes or has answered. */
  readonly #own = new Map<UserId, Live>();
  /** The call that rings at somebody's devices. */
  readonly #incoming = new Map<UserId, Live>();
  #isStopped = false;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  getStats(): { readonly ringing: number; readonly active: number } {
    const ringing = [...this.#live].filter(({ call }) => call.phase === "ringing").length;
    return { ringing, active: this.#live.size - ringing };
  }

  /** A new call: it rings, or is over at once because the callee is busy or has no device that wants calls. */
  start(offer: Offer, callee: User): void {
    const { device, payload, reply } = offer;
    const refusal = this.#refusalOf(offer, callee);
    if (refusal !== undefined) return reply({ type: "error", payload: refusal });
    const { call_id, media } = payload;
    const facts: CallFacts = {
      call_id,
      room_id: directRoomId(device.user.user_id, callee.user_id),
      caller: device.user,
      callee,
      ...(media === undefined ? {} : { media }),
    };
    const { user_id } = callee;
    const isBusy = this.#own.has(user_id) || this.#incoming.has(user_id);
    // Ringing, or a line that is engaged, would tell that somebody invisible is there.
    const isAway = this.#parts.isHidden(user_id);
    const devices = [...this.#parts.people.devicesOf(user_id)].filter(({ topics }) => !isAway && topics.has("calls"));
    if (!isBusy && devices.length > 0) return this.#ring(facts, offer, devices);
    const { call, sends } = endAtOnce(facts, device, isBusy && !isAway ? "busy" : "unreachable");
    reply(ackOf(call));
    this.#say(sends);
    this.#parts.onEnded(call);
  }

  /** Another offer within an answered call. */
  offerAgain({ device, payload, reply }: Offer): void {
    const take = (call: LiveCall) =>
      relay(call, device, signalOf(call, device, { type: "call.offer", sdp: payload.sdp }));
    this.#relay({ device, payload, reply }, take, sideToTake);
  }

  answer({ device, payload, reply }: Asked<"call.answer">): void {
    const take = (call: LiveCall, side: Side) => {
      const isNew = call.phase === "ringing" && side === "callee";
      if (isNew && !this.#isFree(device.user.user_id)) return inACall();
      return answer(call, { device, sdp: payload.sdp, now: this.#parts.elapsedMs() });
    };
    this.#relay({ device, payload, reply }, take, sideOf);
  }

  candidate({ device, payload, reply }: Asked<"call.ice">): void {
    const { candidate } = payload;
    const take = (call: LiveCall) => relay(call, device, signalOf(call, device, { type: "call.ice", candidate }));
    this.#relay({ device, payload, reply }, take, sideToTake);
  }

  hangUp({ device, payload, reply }: Asked<"call.hangup">): void {
    const { reason } = payload;
    const take = (call: LiveCall) => hangUp(call, { device, reason, now: this.#parts.elapsedMs() });
    this.#act({ device, payload, reply }, take, sideOf);
  }

  /** The device wants calls from now on: one that rings already rings there, too. */
  joinRinging(device: Device): void {
    const live = this.#incoming.get(device.user.user_id);
    if (live?.call.phase !== "ringing" || device.is_gone || !device.topics.has("calls")) return;
    this.#apply(live, ring(live.call, device));
  }

  /** The device's connection has ended. */
  lose(device: Device): void {
    const { user_id } = device.user;
    for (const live of [this.#own.get(user_id), this.#incoming.get(user_id)]) {
      if (live === undefined) continue;
      this.#apply(
        live,
        lose(live.call, { device, now: this.#parts.elapsedMs(), grace_ms: this.#parts.settings.grace }),
      );
    }
  }

  /** Ends all calls; there will be no others. */
  stop(): void {
    this.#isStopped = true;
    for (const live of this.#live) this.#end(live);
  }

  #refusalOf({ device, payload }: Offer, callee: User): Failure | undefined {
    const { user_id } = device.user;
    if (this.#isStopped) return failure("unavailable", "the hub is stopping: call again in a moment");
    const mine = [this.#own.get(user_id), this.#incoming.get(user_id)];
    if (mine.some((live) => live?.call.call_id === payload.call_id)) {
      return failure("conflict", `there is a call ${payload.call_id} of yours already`, { field: "call_id" });
    }
    const incoming = this.#incoming.get(user_id)?.call;
    if (incoming?.caller.user_id === callee.user_id) {
      return failure("conflict", `${callee.username} is calling you: answer call ${incoming.call_id}`, { field: "to" });
    }
    if (!this.#isFree(user_id)) return inACall();
    if (this.#live.size < this.#parts.settings.max_calls) return undefined;
    return failure("too_many", `the hub has ${this.#parts.settings.max_calls} calls, which is the most`);
  }

  #ring(facts: CallFacts, { device, payload, reply }: Offer, devices: readonly Device[]): void {
    const { now, elapsedMs, settings } = this.#parts;
    const { sdp } = payload;
    const call: RingingCall = {
      ...facts,
      phase: "ringing",
      device,
      sdp,
      expires_ms: now() + settings.ring_timeout,
      until_ms: elapsedMs() + settings.ring_timeout,
      kept: NOTHING_KEPT,
      rung: new Map(),
    };
    const live: Live = { call, deadline: undefined, cancel: () => {} };
    this.#live.add(live);
    this.#own.set(facts.caller.user_id, live);
    this.#incoming.set(facts.callee.user_id, live);
    reply(ackOf(call));
    for (const each of devices) if (live.call.phase === "ringing") this.#apply(live, ring(live.call, each));
  }

  /** Whether somebody may make or answer a call. One whose device was lost gives way to the next. */
  #isFree(user_id: UserId): boolean {
    const live = this.#own.get(user_id);
    if (live === undefined) return true;
    const { call } = live;
    if (call.phase === "ringing") return false;
    const seat = call.seats[call.caller.user_id === user_id ? "caller" : "callee"];
    if ("device" in seat) return false;
    this.#end(live);
    return true;
  }

  #relay(asked: AskedOfCall, take: Take, side: typeof sideOf): void {
    const text = `too fast for the other side: wait ${BEHIND_WAIT_MS} ms`;
    const takeUnlessBehind: Take = (call, of) =>
      partnerOf(call, of)?.outlet.behind === true
        ? failure("too_fast", text, { retry_after_ms: BEHIND_WAIT_MS })
        : take(call, of);
    this.#act(asked, takeUnlessBehind, side);
  }

  #act({ device, payload, reply }: AskedOfCall, take: Take, sideIn: typeof sideOf): void {
    const { user_id } = device.user;
    for (const live of [this.#own.get(user_id), this.#incoming.get(user_id)]) {
      const side = live?.call.call_id === payload.call_id ? sideIn(live.call, device) : undefined;
      if (live === undefined || side === undefined) continue;
      const step = take(live.call, side);
      if ("code" in step) return reply({ type: "error", payload: step });
      reply(ackOf(step.call));
      return this.#apply(live, step);
    }
    reply({ type: "error", payload: unknownCall(payload.call_id) });
  }

  #apply(live: Live, { call, sends }: Step): void {
    const { user_id } = call.callee;
    if (call.phase !== "ringing" && this.#incoming.get(user_id) === live) this.#incoming.delete(user_id);
    if (call.phase === "ended") {
      this.#forget(live);
    } else {
      live.call = call;
      if (call.phase === "active") this.#own.set(user_id, live);
      this.#watch(live);
    }
    this.#say(sends);
    if (call.phase === "ended") this.#parts.onEnded(call);
  }

  #end(live: Live): void {
    this.#apply(live, end(live.call, { reason: "gone", now: this.#parts.elapsedMs() }));
  }

  #forget(live: Live): void {
    live.cancel();
    this.#live.delete(live);
    const { caller, callee } = live.call;
    for (const { user_id } of [caller, callee]) if (this.#own.get(user_id) === live) this.#own.delete(user_id);
  }

  #watch(live: Live): void {
    const deadline = deadlineOf(live.call);
    if (deadline === live.deadline) return;
    live.cancel();
    live.deadline = deadline;
    live.cancel = () => {};
    if (deadline === undefined) return;
    live.cancel = this.#parts.startTimer(Math.max(0, deadline - this.#parts.elapsedMs()), () => {
      this.#apply(live, expire(live.call, this.#parts.elapsedMs()));
    });
  }

  #say(sends: Step["sends"]): void {
    for (const { to, event } of sends) this.#parts.send(to, event);
  }
}

function ackOf({ call_id, phase, room_id }: Call): ServerEvent {
  return { type: "call.ack", payload: { call_id, state: phase, room_id } };
}

function inACall(): Failure {
  return failure("too_many", "you are in another call: hang up there first");
}
