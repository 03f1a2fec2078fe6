import type { ServerEvent } from "../../protocol/event.js";
import { PROTOCOL_VERSION } from "../../protocol/frame.js";
import { LIMITS } from "../../protocol/limits.js";
import { ROOM_TOPICS } from "../../protocol/topic.js";
import { VERSION } from "../../protocol/version.js";
import type { Device } from "../hub/device.js";
import type { Room } from "../hub/room.js";
import { wantsOf } from "../hub/topics.js";
import { requestIdOf } from "../telemetry/request-id.js";
import { Connection } from "./connection.js";
import type { Arrival, WelcomeParts } from "./arrival.js";

export type Entrance = { readonly arrival: Arrival; readonly device: Device };

/**
 * The last step, without a wait: from here on the hub and the socket hear each other. Frames are to be given to the
 * connection.
 */
export function connect(parts: WelcomeParts, { arrival, device }: Entrance): Connection {
  const { hub, encode, logger, settings, now } = parts;
  const { ws, socket, outlet, upgrade } = arrival;
  const { dialect, room_id } = upgrade;
  const max_pending = settings.client_buffer_size;
  // Written out: an object put together out of others would have a shape of its own for every connection.
  const wiring = { hub, device, ws, socket, outlet, dialect, room_id, encode, logger, max_pending, now };
  const connection = new Connection(wiring);
  hub.presence.arrive(device);
  // The other dialect has no word for it.
  if (dialect.tells_failures) connection.tell(connectedEvent(parts, device));
  device.is_greeted = true;
  socket.on("drain", () => connection.onDrained());
  const { connection_id, user } = device;
  const { user_id, username } = user;
  const request_id = requestIdOf(arrival.request);
  logger.info({ connection_id, request_id, user_id, username, address: arrival.address }, "connected");
  return connection;
}

/** A dialect that cannot subscribe hears direct messages from the start. */
export function hearDirect({ hub }: WelcomeParts, { arrival, device }: Entrance): void {
  if (!arrival.upgrade.dialect.tells_failures) hub.topics.add(device, ["user"]);
}

/** Seats somebody in the room of the path, from now on; history is asked for. */
export function seat({ hub }: WelcomeParts, { arrival, device }: Entrance, room: Room): void {
  const { topics, wants } = arrival.upgrade.dialect.tells_failures ? ALL : MESSAGES;
  hub.topics.add(device, topics);
  hub.join(device, room, wants);
}

const ALL = { topics: ROOM_TOPICS, wants: wantsOf(ROOM_TOPICS) };
const MESSAGES = { topics: ["conversation"] as const, wants: wantsOf(["conversation"]) };

function connectedEvent(parts: WelcomeParts, { connection_id, user, claimed }: Device): ServerEvent {
  const { settings, hub } = parts;
  return {
    type: "connected",
    payload: {
      connection_id,
      user: { ...user, claimed },
      server: { server_id: hub.store.server_id, version: VERSION, protocol: PROTOCOL_VERSION },
      limits: {
        max_frame_bytes: settings.max_message_size,
        max_message_bytes: LIMITS.maxMessageBytes,
        max_rooms: hub.max_rooms,
      },
      heartbeat_ms: settings.ping_period,
    },
  };
}
