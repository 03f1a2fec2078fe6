import { type Failure, failure } from "../../../protocol/error-code.js";
import type { User } from "../../../protocol/event.js";
import { directRoomId } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { Device } from "../device.js";
import type { Room } from "../room.js";
import { newRoomFault } from "./readable-room.js";
import type { HubContext } from "./request.js";

/** Somebody else, by id or by name. */
export async function otherPerson(hub: HubContext, device: Device, to: string): Promise<User | Failure> {
  const other = await hub.people.find(to);
  if (other === "ambiguous") return ambiguous(to);
  if (other === undefined) {
    const name = JSON.stringify(sanitizeLine(to).slice(0, 64));
    return failure("unknown_user", `nobody called ${name} is known here`, { field: "to" });
  }
  return other.user_id === device.user.user_id
    ? failure("bad_payload", "that is yourself: name somebody else", { field: "to" })
    : other;
}

/** Whom this means cannot be said. */
export function ambiguous(to: string): Failure {
  const name = sanitizeLine(to).slice(0, 64);
  const ways = `write name:${name} for the name, id:${name} for the id`;
  return failure("ambiguous_user", `${name} is the name of one person and the id of another: ${ways}`, { field: "to" });
}

/** The direct room shared with somebody, made at the first use. */
export async function directRoomWith(hub: HubContext, device: Device, other: User): Promise<Room | Failure> {
  const fault = await newRoomFault(hub, device, directRoomId(device.user.user_id, other.user_id));
  return fault ?? hub.direct.between(device.user, other);
}
