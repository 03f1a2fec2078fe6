import type { CloseCode } from "../../protocol/close-code.js";
import type { ErrorCode, Failure } from "../../protocol/error-code.js";
import type { ServerEvent } from "../../protocol/event.js";
import type { ServerFrame } from "../../protocol/frame.js";
import type { Known } from "../auth/identification.js";
import { openReadable } from "../hub/commands/readable-room.js";
import type { Device } from "../hub/device.js";
import { Room } from "../hub/room.js";
import { requestIdOf } from "../telemetry/request-id.js";
import { countedAddress, isLoopback } from "./address.js";
import type { Arrival, WelcomeParts } from "./arrival.js";
import { connect, type Entrance, hearDirect, seat } from "./connect.js";
import type { Connection } from "./connection.js";
import { awaitKey, type Shown } from "./early-frames.js";
import { FrameQueue } from "./frame-queue.js";

/**
 * From the opened socket to a connection of the hub: who is it, may it have that name, and, if the path names a room,
 * a seat there. Undefined if it was turned away (and told so) or left meanwhile.
 */
export async function welcome(parts: WelcomeParts, arrival: Arrival): Promise<Connection | undefined> {
  const queue = new FrameQueue(arrival);
  const { door, deadline } = arrival;
  const line = door.enter();
  if (line !== undefined) await line;
  try {
    return await deadline.within(letIn(parts, { arrival, queue }));
  } finally {
    door.leave();
  }
}

async function letIn(parts: WelcomeParts, { arrival, queue }: Greeting): Promise<Connection | undefined> {
  if (!isOpen(arrival)) return undefined;
  const found = await identify(parts, { arrival, queue });
  if (found === undefined) return undefined;
  const device = await attach(parts, { arrival, found });
  if (device === undefined) return undefined;
  try {
    const isIn = isOpen(arrival) && (await confirm(parts, { arrival, device, found })) && isOpen(arrival);
    if (isIn) await takeSeat(parts, { arrival, device });
    if (isIn && isOpen(arrival)) {
      const connection = connect(parts, { arrival, device });
      queue.handOver((data, isBinary) => connection.take(data, isBinary));
      return connection;
    }
  } catch (error) {
    parts.hub.detach(device);
    throw error;
  }
  parts.hub.detach(device);
  return undefined;
}

type Greeting = { readonly arrival: Arrival; readonly queue: FrameQueue };

function isOpen({ ws }: Arrival): boolean {
  return ws.readyState === ws.OPEN;
}

/** By what the request shows, else by the first frame if that is needed or announced. */
async function identify(parts: WelcomeParts, greeting: Greeting): Promise<Known | undefined> {
  const { request, upgrade } = greeting.arrival;
  let found = await parts.gate.identify(upgrade.introduction, request);
  const isAnnounced = upgrade.key_follows && found.status === "known" && !isProven(found);
  if ((found.status === "key_needed" || isAnnounced) && upgrade.dialect.tells_failures) {
    const shown = await waitForKey(parts, greeting);
    if ("fault" in shown && shown.fault !== "late") return endEarly(greeting.arrival, shown.fault);
    if ("key" in shown) {
      found = await parts.gate.identify({ ...upgrade.introduction, key: shown.key }, request);
      if (found.status === "known") say(parts, greeting.arrival, successEvent(found));
    }
  }
  return found.status === "known" ? found : turnAway(parts, greeting.arrival, found.failure);
}

/** Whoever is waited for gives up the place meanwhile: those who never speak keep nobody out. */
async function waitForKey(parts: WelcomeParts, { arrival, queue }: Greeting): Promise<Shown | { fault: "crowd" }> {
  const { address, door } = arrival;
  if (parts.unknown.refusal(address) !== undefined) return { fault: "crowd" };
  door.leave();
  const shown = await parts.unknown.during(address, () => awaitKey(queue, (error) => say(parts, arrival, error)));
  await door.enter();
  return shown;
}

function endEarly({ outlet }: Arrival, fault: "too_large" | "too_many" | "crowd"): undefined {
  if (fault === "too_many") outlet.close(4400, "too many bad frames");
  else if (fault === "crowd") outlet.close(4429, "too many of your address have not said who they are");
  else outlet.close(1009, "what came before authenticate is too large");
}

/** It was shown that the id is theirs; a guest without a key only says so. */
function isProven({ key_hash, session, vouched }: Known): boolean {
  return key_hash !== undefined || session !== undefined || vouched === true;
}

function successEvent({ user, session }: Known): ServerEvent {
  const expires_at = session === undefined ? {} : { expires_at: new Date(session.expires_ms).toISOString() };
  return { type: "auth.success", payload: { user, ...expires_at } };
}

async function attach(
  parts: WelcomeParts,
  { arrival, found }: { arrival: Arrival; found: Known },
): Promise<Device | undefined> {
  const { connection_id, outlet, upgrade } = arrival;
  const { user, session, vouched } = found;
  const address = countedAddress(arrival.address);
  const is_local = isLoopback(arrival.address);
  const claimed = isProven(found);
  // Who cannot be told of a taken name, or has no other to offer, gets the next free one.
  const on_taken: "refuse" | "number" = upgrade.dialect.tells_failures && vouched !== true ? "refuse" : "number";
  const facts = { connection_id, address, is_local, outlet, user, session, claimed, on_taken };
  const device = await parts.hub.attach(facts);
  if (!("code" in device)) return device;
  say(parts, arrival, { type: "error", payload: device });
  outlet.close(closeCodeFor(device), device.message);
  return undefined;
}

/**
 * Whose the id is, settled now that the device is among the online ones, where an end of its session finds it. Those
 * without a key give way to an owner.
 */
async function confirm(
  parts: WelcomeParts,
  { arrival, device, found }: { arrival: Arrival; device: Device; found: Known },
): Promise<boolean> {
  const refusal = await parts.gate.confirm(found, device);
  if (refusal !== undefined) turnAway(parts, arrival, refusal);
  else if (device.claimed) disown(parts, device);
  return refusal === undefined;
}

/** Connections that used the id without a key give way to its owner. */
function disown(parts: WelcomeParts, owner: Device): void {
  for (const device of parts.hub.people.devicesOf(owner.user.user_id)) {
    // Not only closed: until it answers the close, it would go on to speak in the owner's name.
    if (!device.claimed) parts.hub.expel(device, 4401, "this id now belongs to somebody with a key");
  }
}

async function takeSeat(parts: WelcomeParts, { arrival, device }: Entrance): Promise<void> {
  const { hub } = parts;
  const { room_id } = arrival.upgrade;
  hearDirect(parts, { arrival, device });
  if (room_id === undefined) return;
  const room = await openReadable(hub, device, room_id);
  if (!(room instanceof Room)) {
    say(parts, arrival, { type: "error", payload: room });
    arrival.outlet.close(4429, room.message);
  } else if (isOpen(arrival)) seat(parts, { arrival, device }, room);
}

/** How a connection is closed that is not let in; 4401 for the rest. */
const CLOSE_CODES_FOR: Partial<Record<ErrorCode, CloseCode>> = {
  bad_payload: 4400,
  forbidden: 4403,
  name_taken: 4409,
  too_fast: 4429,
};

function closeCodeFor({ code }: Failure): CloseCode {
  return CLOSE_CODES_FOR[code] ?? 4401;
}

function turnAway(parts: WelcomeParts, arrival: Arrival, reason: Failure): undefined {
  const event: ServerEvent =
    reason.code === "not_authenticated"
      ? { type: "auth.failed", payload: { code: reason.code, message: reason.message } }
      : { type: "error", payload: reason };
  say(parts, arrival, event);
  arrival.outlet.close(closeCodeFor(reason), reason.message);
  const { connection_id, address, request } = arrival;
  const facts = { connection_id, request_id: requestIdOf(request), address, code: reason.code, reason: reason.message };
  parts.logger.info(facts, "turned away");
  return undefined;
}

function say(parts: WelcomeParts, { outlet }: Arrival, { reply_to, ...event }: ServerFrame): void {
  const frame = parts.encode(event, outlet.variant, reply_to === undefined ? {} : { reply_to });
  if (frame !== undefined) outlet.write(frame);
}
