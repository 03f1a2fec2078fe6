import type { CallEndReason } from "../../../protocol/call.js";
import { type Failure, failure } from "../../../protocol/error-code.js";
import type { EventPayload, ServerEvent } from "../../../protocol/event.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { Device } from "../device.js";
import {
  type ActiveCall,
  type Call,
  type CallFacts,
  endOf,
  type EndedCall,
  type LiveCall,
  otherSide,
  type RingingCall,
  type Sdp,
  type Seat,
  type Side,
  sideOf,
  sideToTake,
} from "./call.js";
import { keep, NOTHING_KEPT } from "./kept.js";

/** Something to say, to these devices and to nobody else. */
export type Send = { readonly to: readonly Device[]; readonly event: ServerEvent };

/** What a call has become, and what is to be said about it, in this order. */
export type Step<T extends Call = Call> = { readonly call: T; readonly sends: readonly Send[] };

/** A signal of one device for the other side. */
export type Signal = Extract<ServerEvent, { readonly type: "call.offer" | "call.answer" | "call.ice" }>;

/** Lets it ring on one more device; the caller's candidates so far follow. */
export function ring(call: RingingCall, device: Device): Step<RingingCall> {
  if (call.rung.has(device)) return { call, sends: [] };
  const { call_id, room_id, caller, sdp, expires_ms, media } = call;
  const expires_at = new Date(expires_ms).toISOString();
  const incoming: EventPayload<"call.incoming"> = { call_id, room_id, from: caller, sdp, expires_at };
  const payload = media === undefined ? incoming : { ...incoming, media };
  const rung = new Map(call.rung).set(device, NOTHING_KEPT);
  return {
    call: { ...call, rung },
    sends: toEach([device], [{ type: "call.incoming", payload }, ...call.kept.events]),
  };
}

/** The first device that answers has the call: its candidates go to the caller, and elsewhere it stops ringing. */
export function answer(
  call: LiveCall,
  { device, sdp, now }: { readonly device: Device; readonly sdp: Sdp; readonly now: number },
): Step | Failure {
  const event = signalOf(call, device, { type: "call.answer", sdp });
  if (call.phase === "active") return relay(call, device, event);
  const candidates = call.rung.get(device);
  if (candidates === undefined)
    return failure("conflict", "a call is answered by the other side", { field: "call_id" });
  const facts = factsOf(call);
  const others = [...call.rung.keys()].filter((other) => other !== device);
  const active: ActiveCall = {
    ...facts,
    phase: "active",
    answered_ms: now,
    seats: { caller: { device: call.device }, callee: { device } },
    out: new Set(others),
  };
  const elsewhere = endOf({ ...facts, phase: "ended", reason: "answered_elsewhere" });
  return {
    call: active,
    sends: [
      ...toEach([call.device], [event, ...candidates.events]),
      ...toEach(others, [{ type: "call.ended", payload: elsewhere }]),
    ],
  };
}

/** Passes a signal on, or keeps it until the other side can hear it. */
export function relay(call: LiveCall, device: Device, event: Signal): Step | Failure {
  if (call.phase === "active") return relayActive(call, device, event);
  if (event.type !== "call.ice") {
    return failure("conflict", "the call is not answered yet: wait for call.answer", { field: "call_id" });
  }
  const own = call.rung.get(device);
  if (own !== undefined) {
    const kept = keep(own, event);
    return kept === undefined
      ? tooMany()
      : { call: { ...call, rung: new Map(call.rung).set(device, kept) }, sends: [] };
  }
  const kept = keep(call.kept, event);
  return kept === undefined ? tooMany() : { call: { ...call, kept }, sends: toEach([...call.rung.keys()], [event]) };
}

/** Ends it at the wish of a side. Before the answer the callee declines; a caller, or anybody later, hangs up. */
export function hangUp(
  call: LiveCall,
  wish: { readonly device: Device; readonly reason: "hangup" | "declined" | "busy" | undefined; readonly now: number },
): Step<EndedCall> {
  const { device, now } = wish;
  const isDeclining = call.phase === "ringing" && call.rung.has(device);
  const declined = wish.reason === "busy" ? "busy" : "declined";
  return end(call, { reason: isDeclining ? declined : "hangup", by: device.user.user_id, now });
}

/** A device's connection is gone. Without its caller a call ends; whoever has answered, or was, may come back a while. */
export function lose(
  call: LiveCall,
  lost: { readonly device: Device; readonly now: number; readonly grace_ms: number },
): Step {
  const { device, now, grace_ms } = lost;
  if (call.phase === "ringing") {
    if (device === call.device) return end(call, { reason: "gone", now });
    const rung = new Map(call.rung);
    rung.delete(device);
    return { call: { ...call, rung }, sends: [] };
  }
  if (call.out.has(device)) {
    const out = new Set(call.out);
    out.delete(device);
    return { call: { ...call, out }, sends: [] };
  }
  const side = sideOf(call, device);
  const isSeated = side !== undefined && "device" in call.seats[side];
  if (!isSeated) return { call, sends: [] };
  if (grace_ms === 0) return end(call, { reason: "gone", now });
  return { call: seat(call, side, { until_ms: now + grace_ms, kept: NOTHING_KEPT }), sends: [] };
}

/** The deadline has passed. */
export function expire(call: LiveCall, now: number): Step<EndedCall> {
  return end(call, { reason: call.phase === "ringing" ? "no_answer" : "gone", now });
}

/** Ends it, and says so to every device in it. */
export function end(
  call: LiveCall,
  why: { readonly reason: CallEndReason; readonly by?: UserId; readonly now: number },
): Step<EndedCall> {
  const { reason, by, now } = why;
  const ended: EndedCall = {
    ...factsOf(call),
    phase: "ended",
    reason,
    ...(by === undefined ? {} : { by }),
    ...(call.phase === "active" ? { duration_ms: Math.max(0, Math.round(now - call.answered_ms)) } : {}),
  };
  return { call: ended, sends: toEach(devicesOf(call), [{ type: "call.ended", payload: endOf(ended) }]) };
}

/** A call that ends before it rings anywhere; only the caller hears of it. */
export function endAtOnce(facts: CallFacts, device: Device, reason: "busy" | "unreachable"): Step<EndedCall> {
  const call: EndedCall = { ...facts, phase: "ended", reason };
  return { call, sends: toEach([device], [{ type: "call.ended", payload: endOf(call) }]) };
}

/** A signal as the other side hears it. */
export function signalOf(
  { call_id }: LiveCall,
  { user: from }: Device,
  said:
    | { readonly type: "call.offer" | "call.answer"; readonly sdp: Sdp }
    | { readonly type: "call.ice"; readonly candidate: EventPayload<"call.ice">["candidate"] },
): Signal {
  if (said.type === "call.ice") return { type: said.type, payload: { call_id, from, candidate: said.candidate } };
  return { type: said.type, payload: { call_id, from, sdp: said.sdp } };
}

function relayActive(before: ActiveCall, device: Device, event: Signal): Step | Failure {
  const side = sideToTake(before, device);
  if (side === undefined) return unknownCall(before.call_id);
  const { call, sends } = takeSeat(before, side, device);
  const partner = call.seats[otherSide(side)];
  if ("device" in partner) return { call, sends: [...sends, ...toEach([partner.device], [event])] };
  const kept = keep(partner.kept, event);
  if (kept === undefined) return tooMany();
  return { call: seat(call, otherSide(side), { ...partner, kept }), sends };
}

/** Whoever comes back hears first what was said meanwhile; whoever held the place is out of the call. */
function takeSeat(call: ActiveCall, side: Side, device: Device): Step<ActiveCall> {
  const taken = call.seats[side];
  if (!("device" in taken)) return { call: seat(call, side, { device }), sends: toEach([device], taken.kept.events) };
  if (taken.device === device) return { call, sends: [] };
  const out = new Set(call.out).add(taken.device);
  const elsewhere = endOf({ ...factsOf(call), phase: "ended", reason: "answered_elsewhere" });
  return {
    call: { ...seat(call, side, { device }), out },
    sends: toEach([taken.device], [{ type: "call.ended", payload: elsewhere }]),
  };
}

function seat(call: ActiveCall, side: Side, taken: Seat): ActiveCall {
  return { ...call, seats: { ...call.seats, [side]: taken } };
}

function devicesOf(call: LiveCall): readonly Device[] {
  if (call.phase === "ringing") return [call.device, ...call.rung.keys()];
  return Object.values(call.seats).flatMap((taken) => ("device" in taken ? [taken.device] : []));
}

function factsOf({ call_id, room_id, caller, callee, media }: LiveCall): CallFacts {
  return { call_id, room_id, caller, callee, ...(media === undefined ? {} : { media }) };
}

function toEach(to: readonly Device[], events: readonly ServerEvent[]): readonly Send[] {
  return to.length === 0 ? [] : events.map((event) => ({ to, event }));
}

/** The same for calls that there are not and for those of others. */
export function unknownCall(call_id: string): Failure {
  return failure("unknown_call", `there is no call ${call_id} of yours here`, { field: "call_id" });
}

function tooMany(): Failure {
  return failure("too_many", "too many signals wait for the other side", { field: "call_id" });
}
