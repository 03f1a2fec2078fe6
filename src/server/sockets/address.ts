import { isIPv4, isIPv6 } from "node:net";

/** What stands for an address that nobody tells: all of them count as one. */
export const UNKNOWN_ADDRESS = "unknown";

/** True for addresses of this machine itself, which tell nothing about who connects. */
export function isLoopback(address: string): boolean {
  const v4 = withoutMapping(address);
  return address === "::1" || (v4.startsWith("127.") && isIPv4(v4));
}

/** True for names and addresses that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === "localhost" || isLoopback(host);
}

/** An IPv4 address without the IPv6 prefix it may be written with; any other text as it is. */
export function withoutMapping(address: string): string {
  if (!address.startsWith("::")) return address;
  const inner = address.replace(/^::ffff:/i, "");
  return isIPv4(inner) ? inner : address;
}

/** What is counted as one address: of IPv6 the network (/64), for whoever has one address there has them all. */
export function countedAddress(address: string): string {
  if (!address.includes(":") || !isIPv6(address)) return address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array<string>(zeros).fill("0"), ...last].map((group) => group.replace(/^0+(?=.)/, ""));
  return `${groups.slice(0, 4).join(":").toLowerCase()}::/64`;
}
