import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { failure } from "../protocol/error-code.js";
import { ChatServerError } from "./chat-server-error.js";
import type { Engine } from "./engine.js";
import { refuseUpgrade } from "./sockets/refuse-upgrade.js";
import { isHubPath, isSocketPath } from "./request/socket-path.js";
import { targetOf } from "./request/target.js";
import { NO_SUCH_PATH } from "./sockets/upgrade-request.js";

const NOT_READY = failure("unavailable", "the hub is not ready: try again");

/** A server that has a hub is marked, by a symbol that other copies of this module, after a reload, know as well. */
const HAS_HUB = Symbol.for("mangahub.hub");

type Marked = Server & { [HAS_HUB]?: true };

/**
 * Takes over the upgrades of `/ws` and `/ws/:room`: those that come while the engine starts wait for it, and a stopping
 * one refuses them, so that Node never hands one over as a plain request. Returns what ends this. Throws ChatServerError
 * (`already_attached`) if the server has a hub. `onSocket` hears of every upgrade.
 */
export function takeUpgrades(
  server: Marked,
  open: () => Engine | Promise<Engine>,
  onSocket: (socket: Duplex) => void = () => {},
): () => void {
  if (server[HAS_HUB] === true) {
    const message = "this HTTP server has a hub already: stop that one first, as two would answer the same upgrades";
    throw new ChatServerError("already_attached", message);
  }
  server[HAS_HUB] = true;
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    onSocket(socket);
    // With other listeners a path may be theirs; alone, nobody else would ever answer.
    const isAlone = server.listenerCount("upgrade") === 1;
    const { path } = targetOf(request.url);
    if (!(isAlone ? isSocketPath(path) : isHubPath(path))) {
      if (isAlone) refuseUpgrade(request, socket, NO_SUCH_PATH);
      return;
    }
    const engine = open();
    if (engine instanceof Promise) void handOver(engine, { request, socket, head });
    else pass(engine, { request, socket, head });
  };
  server.on("upgrade", onUpgrade);
  return () => {
    server.off("upgrade", onUpgrade);
    delete server[HAS_HUB];
  };
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
