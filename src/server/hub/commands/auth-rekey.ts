import { failure } from "../../../protocol/error-code.js";
import type { HubContext, Request } from "./request.js";

/** The guest's key is replaced; this and all other connections of the guest go on. */
export async function replaceKey(hub: HubContext, { device, command, reply }: Request<"auth.rekey">): Promise<void> {
  const { user, claimed } = device;
  const refusal = claimed
    ? await hub.replaceKey(user.user_id, command.payload)
    : failure("forbidden", "this connection has shown no key that could be replaced: connect with one");
  reply(refusal === undefined ? { type: "auth.success", payload: { user } } : { type: "error", payload: refusal });
}
