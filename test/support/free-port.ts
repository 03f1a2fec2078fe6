import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range that systems hand out themselves, so that nobody's outgoing connection sits there a moment later. */
const FIRST = 15_000;
const COUNT = 17_000;

/** A port of this machine that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const server = createServer();
    server.listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      // Taken: try another.
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
