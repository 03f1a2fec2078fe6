import { type Topic, topicSchema } from "../../protocol/topic.js";
import type { Device } from "./device.js";
import type { Wants } from "./room.js";

/** Which connection hears of which topics, looked up either way. A topic of rooms counts wherever one reads any. */
export class Topics {
  readonly #devices = new Map<Topic, Set<Device>>();

  /** What a connection that has ended asked for comes to nothing. */
  add(device: Device, topics: readonly Topic[]): void {
    if (device.is_gone) return;
    for (const topic of topics) {
      device.topics.add(topic);
      const devices = this.#devices.get(topic);
      if (devices === undefined) this.#devices.set(topic, new Set([device]));
      else devices.add(device);
    }
  }

  remove(device: Device, topics: Iterable<Topic>): void {
    for (const topic of topics) {
      device.topics.delete(topic);
      const devices = this.#devices.get(topic);
      devices?.delete(device);
      if (devices?.size === 0) this.#devices.delete(topic);
    }
  }

  /** Connections that hear of each topic. */
  getStats(): Readonly<Record<Topic, number>> {
    const counts = topicSchema.options.map((topic) => [topic, this.devices(topic).size]);
    // One entry for each topic there is.
    return Object.fromEntries(counts) as Record<Topic, number>;
  }

  devices(topic: Topic): ReadonlySet<Device> {
    return this.#devices.get(topic) ?? NOBODY;
  }
}

/** What a device that has these topics hears of in a room. */
export function wantsOf(topics: Iterable<Topic>): Wants {
  const wanted = new Set(topics);
  return {
    messages: wanted.has("conversation"),
    presence: wanted.has("presence"),
    typing: wanted.has("typing"),
  };
}

/** What a device hears of that wanted the one and now wants the other, too. */
export function eitherOf(before: Wants | undefined, more: Wants): Wants {
  if (before === undefined) return more;
  return {
    messages: before.messages || more.messages,
    presence: before.presence || more.presence,
    typing: before.typing || more.typing,
  };
}

const NOBODY: ReadonlySet<Device> = new Set();
