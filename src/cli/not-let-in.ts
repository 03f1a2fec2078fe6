import type { ClientError } from "../client/client-error.js";
import type { LocalStore } from "../local/local-store.js";
import { namedToken, storedLogin } from "./account.js";
import { loginHint, registerHint } from "./auth-client.js";
import { type Context, serverAddress } from "./context.js";
import { type HubHealth, probeHub } from "./hub-health.js";
import { MangahubError } from "./mangahub-error.js";
import { moveCommand } from "./moved-server.js";

/** Why a server did not let somebody in, and what to do: that depends on how it knows people, which it is asked. */
export async function whyNotLetIn(
  context: Context,
  refused: ClientError,
  openLocal: (context: Context) => LocalStore,
): Promise<MangahubError> {
  const { url } = serverAddress(context);
  const health = await probeHub(url);
  // It let somebody be refused a moment ago; now it does not even say who it is.
  if (typeof health === "string") return notLetIn({ message: refused.message }, refused);
  if (health.auth === "token") return notLetIn(await accountAdvice(context, refused), refused);
  return notLetIn({ message: refused.message, hint: guestAdvice(context, health, openLocal) }, refused);
}

type Advice = { readonly message: string; readonly hint?: string };

function notLetIn({ message, hint }: Advice, cause: ClientError): MangahubError {
  return new MangahubError("not_authenticated", message, hint === undefined ? { cause } : { cause, hint });
}

async function accountAdvice(context: Context, { message }: ClientError): Promise<Advice> {
  const address = serverAddress(context);
  if ((await namedToken(context)) !== undefined) return { message, hint: loginHint(address) };
  if ((await storedLogin(context)) !== undefined) return { message, hint: loginHint(address) };
  return {
    message: `${address.url} wants an account, and nobody is logged in to it here`,
    hint: `${loginHint(address)}\n${registerHint(address)}`,
  };
}

function guestAdvice(context: Context, health: HubHealth, openLocal: (context: Context) => LocalStore): string {
  const { url } = serverAddress(context);
  if (health.auth !== "open") return "another program decides who may use this server: ask whoever runs it";
  const local = openLocal(context);
  try {
    const known = local.addressesOf(health.server_id, url)[0];
    const other = "somebody else uses this id there, or this machine has another key for it: choose another --name";
    return known === undefined
      ? other
      : `if it is the server that was at ${known}: ${moveCommand(known, url)}\notherwise choose another --name`;
  } finally {
    local.close();
  }
}
