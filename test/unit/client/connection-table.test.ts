import { describe, expect, it } from "vitest";
import { ClientKey } from "../../../src/client/client-key.js";
import { RECONNECT_BACKOFF } from "../../../src/client/backoff.js";
import { Connection } from "../../../src/client/connection.js";
import { type OpenSocket, UpgradeRefused, type WebSocketLike } from "../../../src/client/platform.js";
import { encodeEvent } from "../../../src/protocol/frame.js";
import type { ServerEvent } from "../../../src/protocol/event.js";
import type { UserId } from "../../../src/protocol/user-id.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

const HEARTBEAT_MS = 25_000;
const TIMEOUT_MS = 10_000;
/** The client looks into silence that lasts 5 s longer than the hub's heartbeat, and waits one timeout for an answer. */
const FOUND_WITHIN_MS = HEARTBEAT_MS + 5000 + TIMEOUT_MS;

/** The other side of a connection, and the clock both live by. */
class World {
  readonly runtime: VirtualRuntime;
  readonly connection: Connection;
  readonly sent: string[] = [];
  sockets = 0;
  #listeners: Record<string, (event: never) => void> = {};

  constructor(random = 0.5) {
    this.runtime = new VirtualRuntime(random);
    const open: OpenSocket = () => this.#socket();
    const key = new ClientKey({});
    const setup = { url: "wss://hub/ws", key, open, runtime: this.runtime, timeoutMs: TIMEOUT_MS, retryFirst: true };
    this.connection = new Connection(setup, () => {});
    this.connection.start();
  }

  welcome(): void {
    this.#emit("open");
    this.say({
      type: "connected",
      payload: {
        connection_id: "c1",
        user: { user_id: "nami" as UserId, username: "Nami", claimed: true },
        server: { server_id: "hub-1", version: "9.9.9", protocol: 1 },
        limits: { max_frame_bytes: 65_536, max_message_bytes: 16_384, max_rooms: 256 },
        heartbeat_ms: HEARTBEAT_MS,
      },
    });
  }

  say(event: ServerEvent): void {
    this.#emit("message", { data: encodeEvent(event, { id: "s", timestamp: "2026-01-01T00:00:00.000Z" }) });
  }

  end(code: number, reason = ""): void {
    this.#emit("close", { code, reason });
  }

  fail(error: Error): void {
    this.#emit("error", { error });
    this.end(1006);
  }

  get delay(): number {
    return (this.connection.state.retry_at ?? Number.NaN) - this.runtime.now();
  }

  #emit(type: string, event: object = {}): void {
    // The listener of a type takes that type's event, which is what the tests emit.
    this.#listeners[type]?.(event as never);
  }

  #socket(): WebSocketLike {
    this.sockets += 1;
    this.#listeners = {};
    return {
      protocol: "mangahub.v1",
      addEventListener: (type: string, listener: (event: never) => void) => void (this.#listeners[type] = listener),
      send: (text) => void this.sent.push(text),
      close: () => {},
      terminate: () => {},
    };
  }
}

type Outcome = "waiting" | "closed";

type Row = {
  readonly when: string;
  /** What happens to a connection that was ready a moment ago; to one that is opening, with `opening`. */
  readonly happens: (world: World) => void;
  readonly opening?: boolean;
  readonly ends: Outcome;
  /** The wait before the next attempt; by default anything up to the first ceiling, here its half. */
  readonly delay?: number;
};

const coded = (code: string) => Object.assign(new Error(`${code} hub.example`), { code });
const refused = (status: number, retry_after_ms?: number) => (world: World) =>
  world.fail(new UpgradeRefused(status, "", retry_after_ms));

const TABLE: readonly Row[] = [
  { when: "the line breaks", happens: (world) => world.end(1006), ends: "waiting" },
  { when: "the server ends without a code", happens: (world) => world.end(1005), ends: "waiting" },
  {
    when: "the server restarts and names its jitter",
    happens: (world) => world.end(1012, '{"retry_after_ms":1700}'),
    ends: "waiting",
    delay: 1700,
  },
  { when: "the server restarts and names none", happens: (world) => world.end(1012), ends: "waiting" },
  {
    when: "the server asks for a wait beyond a minute",
    happens: (world) => world.end(1012, '{"retry_after_ms":900000}'),
    ends: "waiting",
    delay: 60_000,
  },
  { when: "the hub missed our heartbeat", happens: (world) => world.end(4408), ends: "waiting" },
  { when: "we were too fast, again and again", happens: (world) => world.end(4429), ends: "waiting" },
  { when: "the hub failed", happens: (world) => world.end(4500), ends: "waiting" },
  { when: "the name is taken", happens: (world) => world.end(4409), ends: "closed" },
  { when: "we are banned", happens: (world) => world.end(4403), ends: "closed" },
  { when: "the key no longer counts", happens: (world) => world.end(4401), ends: "closed" },
  { when: "nobody listens", opening: true, happens: (world) => world.fail(coded("ECONNREFUSED")), ends: "waiting" },
  {
    when: "the name has no address",
    opening: true,
    happens: (world) => world.fail(coded("ENOTFOUND")),
    ends: "waiting",
  },
  { when: "DNS does not answer", opening: true, happens: (world) => world.fail(coded("EAI_AGAIN")), ends: "waiting" },
  {
    when: "the certificate has expired",
    opening: true,
    happens: (world) => world.fail(coded("CERT_HAS_EXPIRED")),
    ends: "waiting",
  },
  { when: "the TLS handshake breaks", opening: true, happens: (world) => world.fail(coded("EPROTO")), ends: "waiting" },
  { when: "nothing answers", opening: true, happens: (world) => world.runtime.advance(TIMEOUT_MS), ends: "waiting" },
  { when: "the answer is HTTP 401", opening: true, happens: refused(401), ends: "closed" },
  { when: "the answer is HTTP 403", opening: true, happens: refused(403), ends: "closed" },
  { when: "the answer is HTTP 404", opening: true, happens: refused(404), ends: "closed" },
  { when: "the answer is HTTP 429", opening: true, happens: refused(429), ends: "waiting" },
  { when: "it is 429 with Retry-After", opening: true, happens: refused(429, 7000), ends: "waiting", delay: 7000 },
  { when: "the answer is HTTP 503", opening: true, happens: refused(503, 2000), ends: "waiting", delay: 2000 },
];

describe("the connection's table", () => {
  it.each(TABLE)("when $when, it is $ends", ({ happens, opening = false, ends, delay = 125 }) => {
    const world = new World();
    if (!opening) world.welcome();
    happens(world);
    expect(world.connection.state.status).toBe(ends);
    if (ends === "closed") {
      world.runtime.advance(10_000_000);
      expect(world.sockets).toBe(1);
      expect(world.runtime.timers).toBe(0);
      return;
    }
    expect(world.delay).toBe(delay);
    world.runtime.advance(delay);
    expect(world.sockets).toBe(2);
    world.welcome();
    expect(world.connection.state.status).toBe("ready");
  });
});

describe("a connection in trouble", () => {
  it("finds a half-open line within the heartbeat and one timeout", () => {
    const world = new World();
    world.welcome();
    world.runtime.advance(FOUND_WITHIN_MS - 1);
    expect(world.connection.state.status).toBe("ready");
    world.runtime.advance(1);
    expect(world.connection.state.status).toBe("waiting");
  });

  it("finds it at once when a request is not answered: one timeout, however long the heartbeat is", () => {
    const world = new World();
    world.welcome();
    world.runtime.advance(1000);
    world.connection.probe();
    world.runtime.advance(TIMEOUT_MS);
    expect(world.connection.state.status).toBe("waiting");
  });

  it("asks for a sign of life as soon as a laptop that slept wakes up, and stays if there is one", () => {
    const world = new World();
    world.welcome();
    world.runtime.sleep(8 * 3_600_000);
    expect(world.sent).toHaveLength(1);
    world.say({ type: "pong", payload: {} });
    world.runtime.advance(TIMEOUT_MS);
    expect(world.connection.state.status).toBe("ready");
    expect(world.sockets).toBe(1);
  });

  it("comes back after a sleep that the line did not survive", () => {
    const world = new World();
    world.welcome();
    world.runtime.sleep(8 * 3_600_000);
    world.runtime.advance(TIMEOUT_MS);
    expect(world.connection.state.status).toBe("waiting");
    world.runtime.advance(world.delay);
    world.welcome();
    expect(world.connection.state.status).toBe("ready");
  });

  it("tries at once when the wait for the next attempt was slept through", () => {
    const world = new World();
    world.welcome();
    world.end(1006);
    world.runtime.sleep(3_600_000);
    expect(world.sockets).toBe(2);
  });

  it.each([0, 0.25, 0.999])("waits at least a tenth of the ceiling, and never beyond the cap (chance %d)", (chance) => {
    const world = new World(chance);
    for (let attempt = 0; attempt < 40; attempt += 1) {
      world.end(1006);
      const ceiling = Math.min(RECONNECT_BACKOFF.capMs, RECONNECT_BACKOFF.baseMs * 2 ** attempt);
      expect(world.delay).toBe(Math.floor(Math.max(0.1, chance) * ceiling));
      world.runtime.advance(world.delay);
    }
    expect(world.sockets).toBe(41);
  });
});
