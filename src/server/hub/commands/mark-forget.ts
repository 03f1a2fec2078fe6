import { roomKind } from "../../../protocol/room-id.js";
import { noRoomToMark, roomToMark, tellOwnDevices } from "./mark.js";
import type { HubContext, Request } from "./request.js";

/** Beyond every head, as which it counts. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/**
 * `mark.forget`: removes the user's own mark of a public room, so that it is no longer counted. A direct room belongs to
 * its two without a mark: all of it counts as read, and nobody else is told. The promise resolves once that is on its
 * way into the store; the answer follows when it is durable.
 */
export async function forgetMark(hub: HubContext, request: Request<"mark.forget">): Promise<void> {
  const { device, command, reply, fail } = request;
  const { room_id } = command.payload;
  const room = await roomToMark(hub, device, room_id);
  if (room === undefined) return reply({ type: "error", payload: noRoomToMark(room_id) });
  const { marks } = hub.store;
  const place = { room_id, user_id: device.user.user_id };
  const all = { delivered: EVERYTHING, read: EVERYTHING, private: true };
  const stored = roomKind(room_id) === "public" ? marks.forget(place) : marks.raise({ ...place, ...all });
  stored
    .then(() => {
      const event = { type: "mark.forgotten", payload: { room_id } } as const;
      reply(event);
      tellOwnDevices(hub, device, event);
    })
    .catch(fail);
}
