import { type Failure, failure } from "../../../protocol/error-code.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { Device } from "../device.js";
import type { Room, Wants } from "../room.js";
import { wantsOf } from "../topics.js";
import type { HubContext } from "./request.js";

/** The room, made if it is public and new; the same failure for rooms that do not exist and those of others. */
export async function openReadable(hub: HubContext, device: Device, room_id: RoomId): Promise<Room | Failure> {
  if (roomKind(room_id) !== "public") {
    const room = await hub.direct.ofMember(room_id, device.user);
    if (room !== undefined) return room;
    const name = sanitizeLine(room_id).slice(0, 80);
    return failure("unknown_room", `there is no room ${name} for you`, { field: "room_id" });
  }
  const loaded = hub.rooms.get(room_id);
  if (loaded !== undefined) return loaded;
  return (await newRoomFault(hub, device, room_id)) ?? hub.rooms.open(room_id);
}

/** Why a room may not be made now, if it does not exist yet and this user has made too many. */
export async function newRoomFault(hub: HubContext, device: Device, room_id: RoomId): Promise<Failure | undefined> {
  if (await hub.rooms.exists(room_id)) return undefined;
  const wait = hub.throttle.makeRoom(device);
  return wait === 0 ? undefined : failure("too_fast", `too many new rooms: wait ${wait} ms`, { retry_after_ms: wait });
}

/** Seats whoever hears direct messages, and takes over names: to be called before something of a room of two is stored. */
export function seatReaders(hub: Pick<HubContext, "direct" | "join">, room: Room): void {
  if (room.members.length === 0) return;
  hub.direct.refreshNames(room);
  for (const device of hub.direct.unseated(room)) hub.join(device, room, directWants(device));
}

/** What a device hears of in its direct rooms, which it does not ask for one by one. */
export function directWants({ topics }: Device): Wants {
  return { ...wantsOf(topics), messages: true };
}
