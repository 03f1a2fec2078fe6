import type { CallEndReason } from "../../../protocol/call.js";
import type { CommandPayload } from "../../../protocol/command.js";
import type { EventPayload, User } from "../../../protocol/event.js";
import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { Device } from "../device.js";
import type { Kept } from "./kept.js";

export type CallFacts = {
  readonly call_id: string;
  /** The direct room of the two. */
  readonly room_id: RoomId;
  readonly caller: User;
  readonly callee: User;
  readonly media?: "audio" | "video";
};

/** What a side says of its media; nobody here looks into it. */
export type Sdp = CommandPayload<"call.offer">["sdp"];

/** It rings on all the callee's devices that want calls. */
export type RingingCall = CallFacts & {
  readonly phase: "ringing";
  readonly device: Device;
  readonly sdp: Sdp;
  /** When it stops ringing: for others in Unix milliseconds, for the hub on its clock that never steps. */
  readonly expires_ms: number;
  readonly until_ms: number;
  /** The caller's candidates, for devices that come later. */
  readonly kept: Kept;
  /** Where it rings, with the candidates of each for the case that it answers. */
  readonly rung: ReadonlyMap<Device, Kept>;
};

/** One side of an answered call. A device that was lost may come back until then; what was said waits for it. */
export type Seat = { readonly device: Device } | { readonly until_ms: number; readonly kept: Kept };

export type Side = "caller" | "callee";

export type ActiveCall = CallFacts & {
  readonly phase: "active";
  /** On the clock that never steps, as `until_ms`. */
  readonly answered_ms: number;
  readonly seats: Readonly<Record<Side, Seat>>;
  /** Those that are out of it: another device answered first, or took their place. */
  readonly out: ReadonlySet<Device>;
};

export type EndedCall = CallFacts & {
  readonly phase: "ended";
  readonly reason: CallEndReason;
  readonly by?: UserId;
  readonly duration_ms?: number;
};

export type LiveCall = RingingCall | ActiveCall;
export type Call = LiveCall | EndedCall;

/** The side a device is on, or may take: that of its user, once the device which held it was lost. */
export function sideOf(call: LiveCall, device: Device): Side | undefined {
  if (call.phase === "ringing") {
    if (device === call.device) return "caller";
    return call.rung.has(device) ? "callee" : undefined;
  }
  const side = sideToTake(call, device);
  const seat = side === undefined ? undefined : call.seats[side];
  return seat === undefined || ("device" in seat && seat.device !== device) ? undefined : side;
}

/**
 * As `sideOf`, but also from a device that seems to be there: a connection that broke is often noticed late, when its
 * user has long been back on another.
 */
export function sideToTake(call: LiveCall, device: Device): Side | undefined {
  if (call.phase === "ringing") return sideOf(call, device);
  const side = device.user.user_id === call.caller.user_id ? "caller" : "callee";
  return device.user.user_id === call[side].user_id && !call.out.has(device) ? side : undefined;
}

export function otherSide(side: Side): Side {
  return side === "caller" ? "callee" : "caller";
}

/** The device on the other side of an answered call, if it is there. */
export function partnerOf(call: LiveCall, side: Side): Device | undefined {
  const seat = call.phase === "active" ? call.seats[otherSide(side)] : undefined;
  return seat !== undefined && "device" in seat ? seat.device : undefined;
}

/** When the call ends if nothing happens, on the clock that never steps (ms). */
export function deadlineOf(call: LiveCall): number | undefined {
  if (call.phase === "ringing") return call.until_ms;
  const lost = Object.values(call.seats).flatMap((seat) => ("device" in seat ? [] : [seat.until_ms]));
  return lost.length === 0 ? undefined : Math.min(...lost);
}

/** What is told, and kept, of a call that is over. */
export function endOf(call: EndedCall): EventPayload<"call.ended"> {
  const { phase: _, ...end } = call;
  return end;
}
