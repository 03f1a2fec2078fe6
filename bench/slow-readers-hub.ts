// The hub under test, in a process of its own that can look at its sockets.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createChatServer } from "../src/server/server.js";

/** Since it was last asked: the most that waited in one socket of this process, and the most memory, bytes. */
export type QueueUsage = { readonly type: "queues"; readonly longest: number; readonly rss: number };

/** Runs until the parent goes away. Every message of the parent is answered with its queues. */
export async function runSlowHub([database = ""]: readonly string[]): Promise<void> {
  const server = createChatServer({ database, settings: { limits: { enabled: false } } });
  const http = createServer();
  const sockets = new Set<Socket>();
  http.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await server.attach(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  let longest = 0;
  let rss = 0;
  const look = (): void => {
    for (const socket of sockets) longest = Math.max(longest, socket.writableLength);
    rss = Math.max(rss, process.memoryUsage.rss());
  };
  setInterval(look, 5);
  process.on("message", () => {
    look();
    const usage: QueueUsage = { type: "queues", longest, rss };
    process.send?.(usage);
    longest = 0;
    rss = 0;
  });
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // A TCP server's address is never a string.
  process.send?.({ type: "listening", port: (http.address() as AddressInfo).port });
}
