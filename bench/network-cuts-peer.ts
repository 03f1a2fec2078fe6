// Socket.IO as its documentation shows a chat: a room, an event for everybody in it, an acknowledgement for the sender.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

/** How long a broken connection may be restored, as in Socket.IO's documentation. */
const RECOVERY = { maxDisconnectionDuration: 2 * 60 * 1000, skipMiddlewares: true };

/** Runs until the parent goes away; tells it the port. */
export function runPeer([kind = ""]: readonly string[]): void {
  const http = createServer();
  const io = new Server(http, kind === "recovery" ? { connectionStateRecovery: RECOVERY } : {});
  io.on("connection", (socket) => {
    void socket.join("cuts");
    socket.on("say", (id: number, acknowledge: () => void) => {
      io.to("cuts").emit("said", id);
      acknowledge();
    });
  });
  http.listen(0, "127.0.0.1", () => {
    // A TCP server's address is never a string.
    process.send?.({ type: "listening", port: (http.address() as AddressInfo).port });
  });
  process.on("disconnect", () => void io.close());
}
