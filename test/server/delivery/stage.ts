import { onTestFinished } from "vitest";
import { createChatServer } from "../../../src/server/server.js";
import { createMemoryOutbox } from "../../../src/session/outbox.js";
import { Chatter } from "../../delivery/chatter.js";
import { check } from "../../delivery/check.js";
import type { Entry, Fact } from "../../delivery/record.js";
import type { Invariant } from "../../delivery/verdict.js";
import { type Damage, DamagingProxy, type FaultyStore } from "./faulty-hub.js";

/** A history that can be waited for. */
export class Watched {
  readonly entries: Entry[] = [];
  #onEntry: () => void = () => {};

  readonly record = (fact: Fact): void => {
    this.entries.push({ at: performance.timeOrigin + performance.now(), ...fact });
    this.#onEntry();
  };

  async until(holds: (entries: readonly Entry[]) => boolean): Promise<void> {
    while (!holds(this.entries)) {
      await new Promise<void>((resolve) => {
        this.#onEntry = resolve;
      });
    }
  }

  /** Everything that was kept has been acknowledged. */
  async acknowledged(): Promise<void> {
    const count = (kind: Entry["kind"]) => this.entries.filter((entry) => entry.kind === kind).length;
    await this.until(() => count("acked") >= count("kept"));
  }
}

export type Stage = {
  readonly history: Watched;
  /** A client in the room `planted`, live; `run` counts its processes, as it were. */
  readonly enter: (name: string, run?: number) => Promise<Chatter>;
  /** The invariants that the checker finds broken. */
  readonly broken: () => readonly Invariant[];
};

/** A real hub on a store that may have a bug, behind a proxy that may damage frames, and clients before it. */
export async function setStage(
  faulty: FaultyStore,
  damageOf: () => Damage | undefined = () => undefined,
): Promise<Stage> {
  // What is resumed comes from the store, and hardly any of it from memory.
  const settings = { limits: { enabled: false }, websocket: { broadcast_buffer: 1 } };
  const server = createChatServer({ store: faulty.store, settings });
  onTestFinished(() => server.stop());
  const { url } = await server.listen({ port: 0 });
  const proxy = await DamagingProxy.listen(url, damageOf);
  onTestFinished(() => proxy.close());
  const history = new Watched();
  const enter = async (name: string, run = 1): Promise<Chatter> => {
    const facts = { name, user_id: name, key: `key-of-${name}`, url: proxy.url, room: "planted", run };
    const points = history.entries.findLast((entry) => entry.kind === "applied" && entry.client === name);
    const chatter = new Chatter({
      ...facts,
      outbox: createMemoryOutbox(),
      record: history.record,
      resume: run > 1 && points?.kind === "applied" ? [pointOf(points)] : [],
    });
    onTestFinished(() => chatter.stop());
    await chatter.start();
    return chatter;
  };
  const broken = () => {
    const limits = { kills: [], memory: [], memory_limit: 0 };
    const breaches = check({ ...limits, histories: [history.entries], database: faulty.database() });
    return [...new Set(breaches.map(({ invariant }) => invariant))];
  };
  return { history, enter, broken };
}

function pointOf({ room_id, epoch, events }: Extract<Entry, { kind: "applied" }>) {
  // The room's id came from the hub.
  return { room_id: room_id as never, epoch, seq: events.at(-1)?.[0] ?? 0 };
}
