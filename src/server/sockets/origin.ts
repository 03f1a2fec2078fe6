import { isIP } from "node:net";
import { isLoopbackHost } from "./address.js";
import type { Remote } from "./forwarded.js";

export type OriginRule = {
  /** Exact origins (scheme://host[:port]) that may open sockets besides the hub's own. */
  readonly allowed_origins: readonly string[];
  /** Names, in small letters, that clients reach the hub by. If there are any, the hub's own origin has one of them. */
  readonly public_hosts: readonly string[];
  /** Names, in small letters, that the network knows this machine by. */
  readonly machine_names: readonly string[];
  /** The hub is reachable by loopback names only: any other Host is a page that rebinds its name to this machine. */
  readonly loopback_only: boolean;
  /** A token in the address is the embedding program's own affair. */
  readonly may_carry_token?: boolean;
};

/** The headers that tell a page of another origin from the hub's own, and from a program. */
export type Asking = Pick<Remote, "host" | "public_host" | "is_forwarded" | "is_secure"> & {
  readonly origin?: string | undefined;
};

/** Why a request is turned away, or undefined. A request without Origin comes from a program, not from a page. */
export function originFault(asking: Asking, rule: OriginRule): string | undefined {
  const { origin, host } = asking;
  if (!isHostAllowed(host, rule)) return `the host ${JSON.stringify(host.slice(0, 80))} is not this hub`;
  if (origin === undefined || rule.allowed_origins.includes(origin)) return undefined;
  if (isSameOrigin(origin, asking) && isNameProven(origin, asking, rule)) return undefined;
  const mend = "add the origin to websocket.allowed_origins, or the hub's name to websocket.public_hosts";
  return `pages of ${JSON.stringify(origin.slice(0, 80))} may not connect: ${mend}`;
}

/** A browser that sends cookies says which page asks; an upgrade with the one and without the other is neither. */
export function cookieFault(headers: {
  readonly origin?: string | undefined;
  readonly cookie?: string | undefined;
}): string | undefined {
  if (headers.cookie === undefined || headers.origin !== undefined) return undefined;
  return "an upgrade with cookies must name its Origin: a program sends no cookies";
}

/** The names by which others on the network may find a machine of this host name. */
export function namesOfMachine(hostname: string): readonly string[] {
  const name = hostname.toLowerCase();
  const [label = name] = name.split(".");
  return [name, label, `${label}.local`];
}

/** The origin of the page that the hub itself would serve at the address the client wrote. */
function isSameOrigin(origin: string, { public_host, is_secure }: Asking): boolean {
  // A page without TLS may be anybody's on the way, so it is not the same as the one with TLS.
  return isSameHost(origin, public_host) && !(is_secure && origin.startsWith("http:"));
}

/**
 * Whether the name in the origin is the hub's. Anybody may make a name of theirs point to any address; an address
 * cannot be pointed elsewhere, and TLS has shown a certificate for the name.
 */
function isNameProven(origin: string, { public_host, is_forwarded }: Asking, rule: OriginRule): boolean {
  const name = nameOf(public_host);
  if (rule.public_hosts.length > 0) return rule.public_hosts.includes(name);
  // Which names a trusted proxy serves is the proxy's to say.
  if (is_forwarded || /^https:/i.test(origin)) return true;
  return isIP(name) !== 0 || isLoopbackHost(name) || rule.machine_names.includes(name);
}

function isHostAllowed(host: string, rule: OriginRule): boolean {
  const name = nameOf(host);
  if (!rule.loopback_only || isLoopbackHost(name) || rule.public_hosts.includes(name)) return true;
  return rule.allowed_origins.some((origin) => isSameHost(origin, host));
}

/** Compares host and port; a port that the origin's scheme implies may stand or be missing. */
function isSameHost(origin: string, host: string): boolean {
  if (!/^https?:\/\/[^/?#@\s]+$/i.test(origin) || !/^[^/?#@\s]+$/.test(host) || !URL.canParse(origin)) return false;
  const { protocol, host: expected } = new URL(origin);
  const address = `${protocol}//${host}`;
  return URL.canParse(address) && new URL(address).host === expected;
}

/** A host without its port and brackets, in small letters. */
function nameOf(host: string): string {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}
