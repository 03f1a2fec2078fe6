import { afterEach } from "vitest";
import type { ClientOptions } from "../../src/client/client-options.js";
import { WebSocketClient } from "../../src/client/node.js";
import { platformRuntime, type Runtime } from "../../src/client/platform.js";
import { okResult } from "./messages.js";
import { type HubPeer, ScriptedHub } from "./scripted-hub.js";

/** Real timers, and no jitter: a client with it comes back at once. */
export const eagerRuntime: Runtime = { ...platformRuntime, random: () => 0 };

/** Hubs and clients of one test file; all of them are stopped after each test. */
export function provideHubs() {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function startHub(protocol?: string | false): Promise<ScriptedHub> {
    const hub = await ScriptedHub.start(protocol);
    stops.push(() => hub.stop());
    return hub;
  }

  function newClient(url: string, options: ClientOptions = {}): WebSocketClient {
    const client = new WebSocketClient(url, "nami", "Nami", { runtime: eagerRuntime, ...options });
    // The hub of a test answers nothing by itself, so a polite goodbye would wait for its timeout.
    stops.push(() => Promise.race([client.disconnect(), Promise.resolve()]));
    return client;
  }

  /** A client that is live in `general` at `head`, and the hub's side of it. */
  async function startChat(options: ClientOptions & { readonly head?: number } = {}) {
    const { head = 0, ...rest } = options;
    const hub = await startHub();
    const client = newClient(hub.url, rest);
    const connecting = client.connect("general");
    const peer = await hub.accept();
    await peer.answerSubscribe(okResult("general", head));
    await connecting;
    return { hub, client, peer };
  }

  return { startHub, newClient, startChat };
}

/** Lets the client come back after a cut, and answers its subscribe from where it stands. */
export async function readmit(hub: ScriptedHub, head: number): Promise<HubPeer> {
  const peer = await hub.accept();
  const command = await peer.take("subscribe");
  const seq = command.payload.resume?.[0]?.seq ?? 0;
  peer.say({ type: "subscribed", payload: { topics: [], rooms: [okResult("general", head, seq + 1)] } }, command.id);
  return peer;
}

/** What a callback hears, to be awaited one by one. */
export class Heard<T> {
  readonly all: T[] = [];
  #onItem: (() => void) | undefined;

  readonly hear = (item: T): void => {
    this.all.push(item);
    this.#onItem?.();
  };

  /** The first item that fits, past or future. */
  async first(fits: (item: T) => boolean = () => true): Promise<T> {
    for (;;) {
      const found = this.all.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#onItem = resolve;
      });
    }
  }

  /** Everything, once there are this many. */
  async atLeast(count: number): Promise<readonly T[]> {
    await this.first(() => this.all.length >= count);
    return this.all;
  }
}
