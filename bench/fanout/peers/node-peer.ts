import type { AddressInfo, Server } from "node:net";
import { naiveWs, wsOnce } from "./naive-ws.js";
import { socketIo } from "./socket-io.js";
import { tcpFloor } from "./tcp-floor.js";

const PEERS: Readonly<Record<string, () => Server>> = {
  "naive-ws": naiveWs,
  "ws-once": wsOnce,
  "socket.io": socketIo,
  "tcp-floor": () => tcpFloor(false),
  "tcp-floor-coalesced": () => tcpFloor(true),
};

/** Runs until it is killed or the parent goes away; tells it the port. */
export function runNodePeer([kind = ""]: readonly string[]): void {
  const server = PEERS[kind]?.();
  if (server === undefined) throw new Error(`there is no peer ${kind}`);
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
    // A TCP server's address is never a string.
    process.send?.({ type: "listening", port: (server.address() as AddressInfo).port });
  });
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
}
