import type { HubContext, Request } from "./request.js";

/** Takes a call that rings here, or answers another offer within a call. */
export function answerCall(hub: HubContext, { device, command, reply }: Request<"call.answer">): void {
  hub.calls.answer({ device, payload: command.payload, reply });
}

/** A way to reach the device, for the other side. */
export function sendCandidate(hub: HubContext, { device, command, reply }: Request<"call.ice">): void {
  hub.calls.candidate({ device, payload: command.payload, reply });
}

/** Ends a call, or declines it. */
export function hangUpCall(hub: HubContext, { device, command, reply }: Request<"call.hangup">): void {
  hub.calls.hangUp({ device, payload: command.payload, reply });
}
