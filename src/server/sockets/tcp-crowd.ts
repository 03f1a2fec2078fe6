import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { isLoopback, UNKNOWN_ADDRESS, withoutMapping } from "./address.js";
import { AddressCounts } from "./address-counts.js";

/** How many sockets that are no WebSockets there may be at once. */
export type TcpBounds = {
  /** Of one address. */
  readonly per_address: number;
  /** Of one address of this machine, which may stand for a crowd that comes through a proxy here. */
  readonly per_local_address: number;
  /** True for addresses that are not counted: proxies that are known as such. */
  readonly isExempt: (address: string) => boolean;
};

/** What a socket of net or tls has and a bare Duplex lacks. */
type Wire = Duplex & { readonly remoteAddress?: string; readonly remotePort?: number };

/**
 * Cuts off sockets beyond so many of one address, from the moment they are accepted until their upgrade: silent ones, those
 * that drip a request, and idle ones. `onCut` is told the address. Returns what is to be called with a socket at its upgrade:
 * one more listener of upgrades would look like somebody who answers those of other paths.
 */
export function boundTcpSockets(
  server: Server,
  bounds: TcpBounds,
  onCut: (address: string) => void,
): (socket: Duplex) => void {
  const counts = new AddressCounts();
  /** The address of each socket that counts, by its remote end: TLS wraps the socket that was accepted in another. */
  const counted = new Map<string, string>();
  const release = (key: string) => {
    const address = counted.get(key);
    if (address !== undefined && counted.delete(key)) counts.add(address, -1);
  };
  server.on("connection", (socket: Wire) => {
    const address = withoutMapping(socket.remoteAddress ?? UNKNOWN_ADDRESS);
    if (bounds.isExempt(address)) return;
    const most = isLoopback(address) ? bounds.per_local_address : bounds.per_address;
    if (counts.of(address) >= most) {
      socket.destroy();
      onCut(address);
      return;
    }
    const key = keyOf(socket);
    counted.set(key, address);
    counts.add(address, 1);
    socket.once("close", () => release(key));
  });
  return (socket: Wire) => release(keyOf(socket));
}

function keyOf({ remoteAddress, remotePort }: Wire): string {
  return `${remoteAddress} ${remotePort}`;
}
