import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { pick, type Random } from "./random.js";

/** What can be done to a connection on its way. */
export type Trouble =
  | { readonly kind: "cut" }
  /** Half-open: whatever is written vanishes, and no end is told. */
  | { readonly kind: "freeze"; readonly ms: number }
  /** A slow reader: nothing is read from the server for a while. */
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "delay"; readonly ms: number; readonly by: number }
  /** Single bytes, each in a write of its own. */
  | { readonly kind: "drip"; readonly ms: number };

/** How much of a chunk goes byte by byte; the rest follows at once, else a large answer would take for ever. */
const DRIPPED_BYTES = 96;

/** A TCP proxy that can be told to trouble the connections through it. */
export class WireProxy {
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(target: { readonly port: number }): Promise<WireProxy> {
    const server = createServer();
    const proxy = new WireProxy(server);
    server.on("connection", (socket) => {
      const link = new Link(socket, target.port, () => proxy.#links.delete(link));
      proxy.#links.add(link);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
    return address.port;
  }

  get links(): number {
    return this.#links.size;
  }

  /** Troubles a share (0 to 1) of the connections there are now, at least one. */
  trouble(trouble: Trouble, share: number, random: Random): void {
    const links = [...this.#links];
    const count = Math.min(links.length, Math.max(1, Math.round(links.length * share)));
    for (let done = 0; done < count; done += 1) {
      const [first, ...others] = links;
      if (first === undefined) return;
      const link = pick(random, [first, ...others]);
      links.splice(links.indexOf(link), 1);
      link.suffer(trouble);
    }
  }

  /** Ends all trouble; connections that lost bytes are cut. */
  heal(): void {
    for (const link of this.#links) link.heal();
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const link of this.#links) link.cut();
    await once(this.#server, "close");
  }
}

class Link {
  readonly #near: Socket;
  readonly #far: Socket;
  #isFrozen = false;
  #delay = 0;
  #drips = false;
  #ends = new Set<NodeJS.Timeout>();
  #isOver = false;
  readonly #onOver: () => void;

  constructor(near: Socket, port: number, onOver: () => void) {
    this.#near = near;
    this.#far = createConnection({ host: "127.0.0.1", port, noDelay: true });
    this.#onOver = onOver;
    near.setNoDelay(true);
    this.#carry(near, this.#far);
    this.#carry(this.#far, near);
  }

  suffer(trouble: Trouble): void {
    if (trouble.kind === "cut") return this.cut();
    if (trouble.kind === "freeze") this.#isFrozen = true;
    if (trouble.kind === "stall") this.#far.pause();
    if (trouble.kind === "delay") this.#delay = trouble.by;
    if (trouble.kind === "drip") this.#drips = true;
    const timer = setTimeout(() => {
      this.#ends.delete(timer);
      this.heal();
    }, trouble.ms);
    this.#ends.add(timer);
  }

  heal(): void {
    if (this.#isFrozen) return this.cut();
    this.#delay = 0;
    this.#drips = false;
    if (this.#near.writableLength === 0) this.#far.resume();
  }

  cut(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#ends) clearTimeout(timer);
    this.#near.destroy();
    this.#far.destroy();
    this.#onOver();
  }

  #carry(from: Socket, to: Socket): void {
    let pending = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      if (this.#isFrozen) return;
      const by = this.#delay;
      // Nothing overtakes what was delayed.
      if (by > 0) pending = pending.then(() => wait(by));
      pending = pending.then(() => this.#pass(chunk, { from, to }));
    });
    to.on("drain", () => from.resume());
    from.on("error", () => this.#end());
    from.on("close", () => this.#end());
  }

  #pass(chunk: Buffer, { from, to }: { readonly from: Socket; readonly to: Socket }): void {
    if (this.#isOver || this.#isFrozen) return;
    let rest = chunk;
    if (this.#drips) {
      for (const byte of chunk.subarray(0, DRIPPED_BYTES)) to.write(Buffer.of(byte));
      rest = chunk.subarray(DRIPPED_BYTES);
    }
    if (rest.length > 0 && !to.write(rest)) from.pause();
  }

  #end(): void {
    // A frozen line tells nobody that the other side has gone; it ends when its trouble does.
    if (!this.#isFrozen) this.cut();
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
