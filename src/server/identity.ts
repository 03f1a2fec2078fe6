import type { Config } from "../config/schema.js";
import type { Gate } from "./auth/identification.js";
import { ClaimThrottle } from "./claim-throttle.js";
import { GuestKeys } from "./auth/guest-keys.js";
import { Logins } from "./auth/logins.js";
import { Passwords } from "./auth/passwords.js";
import { ResolverGate, type SessionResolver } from "./auth/resolver-gate.js";
import { type SessionListener, SessionTokens } from "./auth/session-tokens.js";
import { Tickets } from "./auth/tickets.js";
import { TokenGate } from "./auth/token-gate.js";
import { AuthApi } from "./http/auth-api.js";
import type { PeopleKind } from "./hub/people.js";
import { AuthThrottle } from "./http/auth-throttle.js";
import type { Store } from "./log/event-log.js";
import { countedAddress, isLoopback, UNKNOWN_ADDRESS } from "./sockets/address.js";
import type { TrustedProxies } from "./sockets/forwarded.js";
import type { Logger } from "./telemetry/logger.js";

export type IdentityParts = {
  readonly store: Store;
  readonly config: Config;
  readonly sessionResolver: SessionResolver | undefined;
  readonly proxies: TrustedProxies;
  readonly listener: SessionListener;
  readonly logger: Logger;
  /** What time it is (Unix ms), and a clock that never steps, for durations. */
  readonly now: () => number;
  readonly elapsedMs: () => number;
};

/** How a hub knows people. With accounts there are tokens, and requests about them. */
export type Identity = {
  readonly gate: Gate;
  readonly people: PeopleKind;
  readonly tokens?: SessionTokens;
  readonly api?: AuthApi;
};

/** An embedder's resolver goes before the setting `auth.mode`. */
export function openIdentity({ sessionResolver, ...parts }: IdentityParts): Identity {
  if (sessionResolver !== undefined) {
    return { gate: new ResolverGate(sessionResolver, { ...parts, accounts: parts.store.accounts }), people: "vouched" };
  }
  return parts.config.auth.mode === "open" ? { gate: openGuests(parts), people: "guests" } : openAccounts(parts);
}

function openGuests({ store, config, now, elapsedMs }: Omit<IdentityParts, "sessionResolver">): GuestKeys {
  const { accounts, members } = store;
  return new GuestKeys({ accounts, members, now, throttle: new ClaimThrottle(config.limits, elapsedMs) });
}

function openAccounts({
  store,
  config,
  proxies,
  listener,
  logger,
  now,
  elapsedMs,
}: Omit<IdentityParts, "sessionResolver">): Identity {
  const { accounts, sessions } = store;
  const tokens = new SessionTokens({ accounts, sessions, settings: config.auth, listener, logger, now });
  const tickets = new Tickets({ now, elapsedMs });
  const { registration } = config.auth;
  const logins = new Logins({ accounts, tokens, passwords: new Passwords(), registration, now });
  const throttle = new AuthThrottle(config.limits.enabled, elapsedMs);
  const api = new AuthApi({
    logins,
    tokens,
    tickets,
    throttle,
    logger,
    senderOf: (request) => {
      const address = proxies.remoteOf(request)?.address ?? UNKNOWN_ADDRESS;
      return { address: countedAddress(address), is_local: isLoopback(address) };
    },
  });
  return { gate: new TokenGate({ tokens, tickets }), people: "accounts", tokens, api };
}
