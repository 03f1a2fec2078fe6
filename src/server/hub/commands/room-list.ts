import type { EventPayload } from "../../../protocol/event.js";
import { LIMITS } from "../../../protocol/limits.js";
import type { RoomId } from "../../../protocol/room-id.js";
import type { HubContext, Request } from "./request.js";

type Row = EventPayload<"room.list">["rooms"][number];

/** Public rooms: those with people in them first, then those written to last. */
export async function listRooms(hub: HubContext, { device, reply }: Request<"room.list">): Promise<void> {
  const { user_id: viewer } = device.user;
  const { attendance } = hub.presence;
  const rows = new Map<RoomId, Row>();
  for (const { room_id, head, last_ms } of await hub.store.events.listRooms(LIMITS.maxRoomsListed)) {
    const online = attendance.count(room_id, viewer);
    rows.set(room_id, {
      room_id,
      head,
      online,
      ...(last_ms === undefined ? {} : { last_at: new Date(last_ms).toISOString() }),
    });
  }
  for (const room_id of attendance.rooms(viewer)) {
    if (!rows.has(room_id)) rows.set(room_id, { room_id, head: 0, online: attendance.count(room_id, viewer) });
  }
  const rooms = [...rows.values()].sort((a, b) => b.online - a.online).slice(0, LIMITS.maxRoomsListed);
  reply({ type: "room.list", payload: { rooms } });
}
