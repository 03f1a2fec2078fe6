import { failure } from "../../../protocol/error-code.js";
import type { EventPayload } from "../../../protocol/event.js";
import { LIMITS } from "../../../protocol/limits.js";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import { sanitizeLine } from "../../../protocol/sanitize.js";
import type { HubContext, Request } from "./request.js";

type Member = EventPayload<"room.members">["members"][number];

/** Who is in a room, or, without one, who is online and in which rooms. */
export async function listMembers(hub: HubContext, { device, command, reply }: Request<"room.members">): Promise<void> {
  const { room_id } = command.payload;
  const members = room_id === undefined ? everybody(hub) : await membersOf(hub, device.user, room_id);
  if (members === undefined) {
    const name = sanitizeLine(room_id ?? "").slice(0, 80);
    const unknown = failure("unknown_room", `there is no room ${name} for you`, { field: "room_id" });
    return reply({ type: "error", payload: unknown });
  }
  const payload = { members: members.slice(0, LIMITS.maxMembersListed), total: members.length };
  reply({ type: "room.members", payload: room_id === undefined ? payload : { room_id, ...payload } });
}

function everybody(hub: HubContext): Member[] {
  const present = hub.attendance.everybody();
  const members: Member[] = [...present.values()].map(({ user, rooms }) => ({ ...user, rooms: [...rooms] }));
  // Those connected without being in any room, such as a bot that only writes, are online too.
  for (const [user_id, devices] of hub.people.online()) {
    const [device] = devices;
    if (device !== undefined && !present.has(user_id)) members.push({ ...device.user, rooms: [] });
  }
  return members;
}

async function membersOf(
  hub: HubContext,
  reader: Member | Omit<Member, "rooms">,
  room_id: RoomId,
): Promise<Member[] | undefined> {
  if (roomKind(room_id) === "public") {
    return hub.attendance.visitors(room_id).map((user) => ({ ...user, rooms: [room_id] }));
  }
  const room = await hub.direct.ofMember(room_id, reader);
  return room?.members.map((user) => ({ ...user, rooms: [room_id] }));
}
