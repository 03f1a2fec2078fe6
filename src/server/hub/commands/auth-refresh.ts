import { failure } from "../../../protocol/error-code.js";
import type { HubContext, Request } from "./request.js";

/** The connection's session goes on, for all its connections. */
export async function refreshAuth(hub: HubContext, { device, reply }: Request<"auth.refresh">): Promise<void> {
  const { user, session } = device;
  if (session === undefined) {
    return reply({ type: "error", payload: failure("forbidden", "there is no session here that could be refreshed") });
  }
  const expires_ms = await hub.refreshSession(session.session_id);
  if (expires_ms === undefined) {
    return reply({ type: "error", payload: failure("not_authenticated", "the session has ended: log in anew") });
  }
  reply({ type: "auth.success", payload: { user, expires_at: new Date(expires_ms).toISOString() } });
}
