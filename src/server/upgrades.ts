import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { failure } from "../protocol/error-code.js";
import type { Engine } from "./engine.js";
import { refuseUpgrade } from "./sockets/refuse-upgrade.js";
import { isSocketPath } from "./sockets/upgrade-request.js";

const NOTHING_HERE = failure("not_found", "there is nothing here: the hub's paths are /ws and /ws/:room");
const NOT_READY = failure("unavailable", "the hub is not ready: try again");

/**
 * Takes over the upgrades of `/ws` and `/ws/:room`: those that come while the engine starts wait for it, and a stopping
 * one refuses them, so that Node never hands one over as a plain request. Returns what ends this.
 */
export function takeUpgrades(server: Server, open: () => Engine | Promise<Engine>): () => void {
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!isSocketPath(request.url)) {
      // With other listeners the path may be theirs; alone, nobody else would ever answer.
      if (server.listenerCount("upgrade") === 1) refuseUpgrade(request, socket, { status: 404, failure: NOTHING_HERE });
      return;
    }
    const engine = open();
    if (engine instanceof Promise) void handOver(engine, { request, socket, head });
    else pass(engine, { request, socket, head });
  };
  server.on("upgrade", onUpgrade);
  return () => server.off("upgrade", onUpgrade);
}

type Upgrade = { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

async function handOver(opening: Promise<Engine>, upgrade: Upgrade): Promise<void> {
  const { request, socket } = upgrade;
  // Nobody else listens to the socket meanwhile; an error closes it.
  const ignore = () => {};
  socket.on("error", ignore);
  try {
    pass(await opening, upgrade);
    socket.off("error", ignore);
  } catch {
    refuseUpgrade(request, socket, { status: 503, failure: NOT_READY });
  }
}

/** Whatever is wrong with one upgrade ends that one alone. */
function pass({ sockets }: Engine, { request, socket, head }: Upgrade): void {
  try {
    sockets.handleUpgrade(request, socket, head);
  } catch {
    socket.on("error", () => {});
    socket.destroy();
  }
}
