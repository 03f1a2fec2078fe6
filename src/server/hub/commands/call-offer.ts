import { type Failure, failure } from "../../../protocol/error-code.js";
import type { User } from "../../../protocol/event.js";
import type { Device } from "../device.js";
import { directRoomWith, otherPerson } from "./direct-room-with.js";
import type { HubContext, Request } from "./request.js";

/** Calls somebody, or offers anew within a call. Names and room are looked up first; then nothing waits any more. */
export async function offerCall(hub: HubContext, { device, command, reply }: Request<"call.offer">): Promise<void> {
  const { payload } = command;
  if (payload.to === undefined) return hub.calls.offerAgain({ device, payload, reply });
  const callee = await calleeOf(hub, device, payload.to);
  if ("code" in callee) return reply({ type: "error", payload: callee });
  if (!device.is_gone) hub.calls.start({ device, payload, reply }, callee);
}

/** The room is there before it rings: a call is kept in it, whatever becomes of the call. */
async function calleeOf(hub: HubContext, device: Device, to: string): Promise<User | Failure> {
  const wait = hub.throttle.makeCall(device);
  if (wait > 0) return failure("too_fast", `too many calls: wait ${wait} ms`, { retry_after_ms: wait });
  const other = await otherPerson(hub, device, to);
  if ("code" in other) return other;
  const room = await directRoomWith(hub, device, other);
  return "code" in room ? room : other;
}
