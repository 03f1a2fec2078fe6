/** The package entry `mangahub/client` on Node: the names of the browser's entry, and the client with `ws`. */
import { type ClientArguments, splitArguments } from "./client-options.js";
import { openNodeSocket, tellingRefusals } from "./node-socket.js";
import { WebSocketClient as IsomorphicClient } from "./websocket-client.js";

export * from "./browser.js";

/** The isomorphic client, given `ws`. */
export class WebSocketClient extends IsomorphicClient {
  constructor(...args: ClientArguments) {
    const { serverUrl, userId, username, options } = splitArguments(args);
    const open = options.open === undefined ? openNodeSocket : tellingRefusals(options.open);
    super(serverUrl, userId, username, { ...options, open });
  }
}
