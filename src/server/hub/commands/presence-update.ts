import type { HubContext, Request } from "./request.js";

/** Takes over what somebody says of himself; others are told with the next batch. */
export function updatePresence({ presence }: HubContext, { device, command, reply }: Request<"presence.update">): void {
  presence.update(device, command.payload);
  const { user_id } = device.user;
  reply({ type: "presence.state", payload: presence.people(user_id, [user_id]) });
}
