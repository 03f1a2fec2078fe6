import { isLoopbackHost } from "./address.js";

export type OriginRule = {
  /** Exact origins (scheme://host[:port]) that may open sockets besides the hub's own. */
  readonly allowed_origins: readonly string[];
  /** The hub is reachable by loopback names only: any other Host is a page that rebinds its name to this machine. */
  readonly loopback_only: boolean;
};

/** Why a request is turned away, or undefined. A request without Origin comes from a program, not from a page. */
export function originFault(
  headers: { readonly origin?: string | undefined; readonly host?: string | undefined },
  rule: OriginRule,
): string | undefined {
  const { origin, host = "" } = headers;
  if (!isHostAllowed(host, rule)) return `the host ${JSON.stringify(host.slice(0, 80))} is not this hub`;
  if (origin === undefined || rule.allowed_origins.includes(origin) || isSameHost(origin, host)) return undefined;
  return `pages of ${JSON.stringify(origin.slice(0, 80))} may not connect: add the origin to websocket.allowed_origins`;
}

function isHostAllowed(host: string, rule: OriginRule): boolean {
  if (!rule.loopback_only || isLoopbackHost(nameOf(host))) return true;
  return rule.allowed_origins.some((origin) => isSameHost(origin, host));
}

function isSameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && host !== "" && new URL(origin).host === host.toLowerCase();
}

function nameOf(host: string): string {
  const name = host.replace(/:\d+$/, "");
  return name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
}
