import { isIPv4 } from "node:net";

/** True for addresses of this machine itself, which tell nothing about who connects. */
export function isLoopback(address: string): boolean {
  const v4 = address.replace(/^::ffff:/i, "");
  return address === "::1" || (isIPv4(v4) && v4.startsWith("127."));
}

/** True for names and addresses that only this machine can reach. */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === "localhost" || isLoopback(host);
}
