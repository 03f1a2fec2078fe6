import type { Topic } from "../../protocol/topic.js";
import type { Device } from "./device.js";
import type { Wants } from "./room.js";

/** Which connection hears of which topics, looked up either way. A topic of rooms counts wherever one reads any. */
export class Topics {
  readonly #devices = new Map<Topic, Set<Device>>();

  add(device: Device, topics: readonly Topic[]): void {
    for (const topic of topics) {
      device.topics.add(topic);
      const devices = this.#devices.get(topic) ?? new Set();
      this.#devices.set(topic, devices.add(device));
    }
  }

  remove(device: Device, topics: Iterable<Topic>): void {
    for (const topic of topics) {
      device.topics.delete(topic);
      this.#devices.get(topic)?.delete(device);
    }
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

const NOBODY: ReadonlySet<Device> = new Set();
