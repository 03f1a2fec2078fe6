import { roomKind } from "../../protocol/room-id.js";
import { countedAddress, isLoopback } from "./address.js";
import { connect, hearDirect, seat } from "./connect.js";
import type { Connection } from "./connection.js";
import type { Arrival, WelcomeParts } from "./arrival.js";

/**
 * Lets in a guest of whom nothing has to be looked up, into a room that is in memory: what `welcome` would do in a dozen
 * waits, without one. Undefined, and nothing was done, if that is not enough.
 */
export function welcomeAtOnce(parts: WelcomeParts, arrival: Arrival): Connection | undefined {
  const { hub, gate } = parts;
  const { connection_id, ws, outlet, upgrade } = arrival;
  const { room_id, introduction } = upgrade;
  if (upgrade.key_follows || ws.readyState !== ws.OPEN) return undefined;
  const user = gate.guestAtOnce?.(introduction);
  const room = room_id === undefined || roomKind(room_id) !== "public" ? undefined : hub.rooms.get(room_id);
  if (user === undefined || (room === undefined && room_id !== undefined)) return undefined;
  const address = countedAddress(arrival.address);
  const is_local = isLoopback(arrival.address);
  const facts = { connection_id, user, claimed: false, session: undefined, address, is_local, outlet };
  const device = hub.attachAtOnce(facts);
  if (device === undefined) return undefined;
  try {
    hearDirect(parts, { arrival, device });
    if (room !== undefined) seat(parts, { arrival, device }, room);
    const connection = connect(parts, { arrival, device });
    ws.on("message", (data, isBinary) => connection.take(data, isBinary));
    return connection;
  } catch (error) {
    hub.detach(device);
    throw error;
  }
}
