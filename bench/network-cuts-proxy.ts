import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy whose connections can all be cut at once, on both sides, as a network that fails does. */
export class CutProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #links: Set<() => void>;

  private constructor(port: number, parts: { readonly server: Server; readonly links: Set<() => void> }) {
    this.port = port;
    this.#server = parts.server;
    this.#links = parts.links;
  }

  static async listen(target: number): Promise<CutProxy> {
    const server = createServer({ noDelay: true });
    const links = new Set<() => void>();
    server.on("connection", (near) => link({ near, target, links }));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
    return new CutProxy(address.port, { server, links });
  }

  cutAll(): void {
    for (const cut of this.#links) cut();
  }

  close(): void {
    this.#server.close();
    this.cutAll();
  }
}

function link({ near, target, links }: { near: Socket; target: number; links: Set<() => void> }): void {
  const far = createConnection({ host: "127.0.0.1", port: target, noDelay: true });
  const cut = (): void => {
    links.delete(cut);
    near.destroy();
    far.destroy();
  };
  links.add(cut);
  near.pipe(far).pipe(near);
  for (const socket of [near, far]) socket.on("error", cut).on("close", cut);
}
