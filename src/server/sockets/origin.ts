import { isLoopbackHost } from "./address.js";
import type { Remote } from "./forwarded.js";

export type OriginRule = {
  /** Exact origins (scheme://host[:port]) that may open sockets besides the hub's own. */
  readonly allowed_origins: readonly string[];
  /** The hub is reachable by loopback names only: any other Host is a page that rebinds its name to this machine. */
  readonly loopback_only: boolean;
  /** A token in the address is the embedding program's own affair. */
  readonly may_carry_token?: boolean;
};

/** The headers that tell a page of another origin from the hub's own, and from a program. */
export type Asking = Pick<Remote, "host" | "public_host" | "is_secure"> & { readonly origin?: string | undefined };

/** Why a request is turned away, or undefined. A request without Origin comes from a program, not from a page. */
export function originFault(asking: Asking, rule: OriginRule): string | undefined {
  const { origin, host } = asking;
  if (!isHostAllowed(host, rule)) return `the host ${JSON.stringify(host.slice(0, 80))} is not this hub`;
  if (origin === undefined || rule.allowed_origins.includes(origin) || isOwn(origin, asking)) return undefined;
  return `pages of ${JSON.stringify(origin.slice(0, 80))} may not connect: add the origin to websocket.allowed_origins`;
}

/** A browser that sends cookies says which page asks; an upgrade with the one and without the other is neither. */
export function cookieFault(headers: {
  readonly origin?: string | undefined;
  readonly cookie?: string | undefined;
}): string | undefined {
  if (headers.cookie === undefined || headers.origin !== undefined) return undefined;
  return "an upgrade with cookies must name its Origin: a program sends no cookies";
}

/** The origin of the page that the hub itself would serve at the address the client wrote. */
function isOwn(origin: string, { public_host, is_secure }: Asking): boolean {
  // A page without TLS may be anybody's on the way, so it is not the same as the one with TLS.
  return isSameHost(origin, public_host) && !(is_secure && origin.startsWith("http:"));
}

function isHostAllowed(host: string, rule: OriginRule): boolean {
  if (!rule.loopback_only || isLoopbackHost(nameOf(host))) return true;
  return rule.allowed_origins.some((origin) => isSameHost(origin, host));
}

/** Compares host and port; a port that the origin's scheme implies may stand or be missing. */
function isSameHost(origin: string, host: string): boolean {
  if (!/^https?:\/\/[^/?#@\s]+$/i.test(origin) || !/^[^/?#@\s]+$/.test(host) || !URL.canParse(origin)) return false;
  const { protocol, host: expected } = new URL(origin);
  const address = `${protocol}//${host}`;
  return URL.canParse(address) && new URL(address).host === expected;
}

function nameOf(host: string): string {
  const name = host.replace(/:\d+$/, "");
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}
