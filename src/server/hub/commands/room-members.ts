import { failure } from "../../../protocol/error-code.js";
import type { EventPayload } from "../../../protocol/event.js";
import { LIMITS } from "../../../protocol/limits.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { HubContext, Request } from "./request.js";

type Member = EventPayload<"room.members">["members"][number];

/** Who is in a room, or, without one, who is online and in which rooms. */
export async function listMembers(hub: HubContext, { device, command, reply }: Request<"room.members">): Promise<void> {
  const { room_id } = command.payload;
  const viewer = device.user.user_id;
  const members = room_id === undefined ? everybody(hub, viewer) : await membersOf(hub, device.user, room_id);
  if (members === undefined) {
    const name = sanitizeLine(room_id ?? "").slice(0, 80);
    const unknown = failure("unknown_room", `there is no room ${name} for you`, { field: "room_id" });
    return reply({ type: "error", payload: unknown });
  }
  const payload = { members: members.slice(0, LIMITS.maxMembersListed), total: members.length };
  reply({ type: "room.members", payload: room_id === undefined ? payload : { room_id, ...payload } });
}

function everybody(hub: HubContext, viewer: UserId): Member[] {
  hub.presence.seen(viewer);
  const present = hub.presence.attendance.everybody(viewer);
  const members: Member[] = [...present.values()].map(({ user, rooms }) => ({ ...user, rooms: [...rooms] }));
  // Those connected without being in any room, such as a bot that only writes, are online too.
  for (const [user_id, devices] of hub.people.online()) {
    const [device] = devices;
    const isShown = !present.has(user_id) && !hub.presence.isHiddenFrom(user_id, viewer);
    if (device !== undefined && isShown) members.push({ ...device.user, rooms: [] });
  }
  return members;
}

async function membersOf(
  hub: HubContext,
  reader: Member | Omit<Member, "rooms">,
  room_id: RoomId,
): Promise<Member[] | undefined> {
  if (roomKind(room_id) === "public") {
    hub.presence.seen(reader.user_id, room_id);
    return hub.presence.attendance.visitors(room_id, reader.user_id).map((user) => ({ ...user, rooms: [room_id] }));
  }
  const room = await hub.direct.ofMember(room_id, reader);
  return room?.members.map((user) => ({ ...user, rooms: [room_id] }));
}
