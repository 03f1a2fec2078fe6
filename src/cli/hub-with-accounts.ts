import { canStartHub, type Context, serverAddress } from "./context.js";
import { type HubHealth, probeHub } from "./hub-health.js";
import { MangahubError } from "./mangahub-error.js";

/** The hub that answers, which has accounts; this machine's own is started if need be. Throws MangahubError. */
export async function hubWithAccounts(context: Context): Promise<HubHealth> {
  const { url } = serverAddress(context);
  if (canStartHub(context)) {
    const { ensureHub } = await import("./hub-process.js");
    await ensureHub(context);
  }
  const health = await probeHub(url);
  if (typeof health === "string") {
    const what =
      health === "absent" ? `nobody answers at ${url}` : `what answers at ${url} is no hub, or cannot be reached`;
    throw new MangahubError("unreachable", what, { hint: "is the server running, and the address right?" });
  }
  if (health.auth === "token") return health;
  throw new MangahubError("refused", `${url} has no accounts (its auth.mode is ${health.auth})`, {
    hint: "whoever runs it turns them on with: mangahub serve --auth token",
  });
}

/** A password that goes over a network in the clear is anybody's; that is worth a word, not a refusal. */
export function warnIfReadable(context: Context): void {
  const { protocol, hostname } = new URL(serverAddress(context).url);
  const isSafe = /^(wss|https):$/.test(protocol) || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (isSafe) return;
  context.output.say(`the password goes to ${hostname} unencrypted; use wss:// if it can`);
}
