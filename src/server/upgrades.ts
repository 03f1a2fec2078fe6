import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { failure } from "../protocol/error-code.js";
import type { Engine } from "./engine.js";
import { refuseUpgrade } from "./sockets/refuse-upgrade.js";
import { isSocketPath } from "./sockets/upgrade-request.js";

const NOTHING_HERE = failure("unknown_room", "there is nothing here: the hub's paths are /ws and /ws/:room");
const NOT_READY = failure("unavailable", "the hub is not ready: try again");

/**
 * Takes over the upgrades of `/ws` and `/ws/:room`: those that come while the engine starts wait for it, and a stopping
 * one refuses them, so that Node never hands one over as a plain request. Returns what ends this.
 */
export function takeUpgrades(server: Server, open: () => Promise<Engine>): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Nobody else listens to the socket before the hub does; an error closes it.
    const ignore = () => {};
    socket.on("error", ignore);
    if (!isSocketPath(request.url)) {
      // With other listeners the path may be theirs; alone, nobody else would ever answer.
      if (server.listenerCount("upgrade") === 1) refuseUpgrade(request, socket, { status: 404, failure: NOTHING_HERE });
      else socket.off("error", ignore);
      return;
    }
    open()
      .then(
        ({ sockets }) => {
          sockets.handleUpgrade(request, socket, head);
          socket.off("error", ignore);
        },
        () => refuseUpgrade(request, socket, { status: 503, failure: NOT_READY }),
      )
      // Whatever is wrong with one upgrade ends that one alone.
      .catch(() => socket.destroy());
  };
  server.on("upgrade", onUpgrade);
  return () => server.off("upgrade", onUpgrade);
}
