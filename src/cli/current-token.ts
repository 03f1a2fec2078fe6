import { namedToken, storedLogin } from "./account.js";
import { loginHint } from "./auth-client.js";
import { type Context, type ServerAddress, serverAddress } from "./context.js";
import type { StoredLogin } from "./credentials.js";
import { probeHub } from "./hub-health.js";
import { MangahubError } from "./mangahub-error.js";

/** The token that a command about the session itself uses; `login` if it is one kept here. Throws MangahubError. */
export async function currentToken(
  context: Context,
): Promise<{ readonly token: string; readonly login?: StoredLogin }> {
  const address = serverAddress(context);
  const { url } = address;
  const token = await namedToken(context);
  if (token !== undefined) return { token };
  const login = await storedLogin(context);
  if (login === undefined) throw notLoggedIn(address, `nobody is logged in to ${url} here`);
  const health = await probeHub(url);
  if (typeof health === "object" && health.server_id !== login.server_id) {
    throw notLoggedIn(address, `another server answers at ${url} than the one that was logged in to`);
  }
  return { token: login.token, login };
}

function notLoggedIn(address: ServerAddress, message: string): MangahubError {
  return new MangahubError("not_authenticated", message, { hint: loginHint(address) });
}
