import type { ServerEvent } from "../../protocol/event.js";
import type { Device } from "./device.js";
import type { Encoder, Variant } from "./outlet.js";

/** Events for many devices that leave together: each is encoded once per variant, and a device is written to once. */
export class FrameBatch {
  readonly #encode: Encoder;
  readonly #letters = new Map<Device, Set<ServerEvent>>();
  /** An event that is told in several batches is encoded in the first one. */
  static readonly #frames = new WeakMap<ServerEvent, Map<Variant, Uint8Array | undefined>>();

  constructor(encode: Encoder) {
    this.#encode = encode;
  }

  /** The same event is sent to a device once. */
  add(device: Device, event: ServerEvent): void {
    const events = this.#letters.get(device);
    if (events === undefined) this.#letters.set(device, new Set([event]));
    else events.add(event);
  }

  /** Devices that are behind get nothing; they are returned. */
  send(): readonly Device[] {
    const missed: Device[] = [];
    for (const [device, events] of this.#letters) {
      const { outlet } = device;
      const frames = [...events].map((event) => this.#frameOf(event, outlet.variant));
      const bytes = frames.filter((frame) => frame !== undefined);
      if (bytes.length === 0) continue;
      if (outlet.behind) missed.push(device);
      else outlet.write(Buffer.concat(bytes));
    }
    return missed;
  }

  #frameOf(event: ServerEvent, variant: Variant): Uint8Array | undefined {
    const encoded = FrameBatch.#frames.get(event) ?? new Map<Variant, Uint8Array | undefined>();
    FrameBatch.#frames.set(event, encoded);
    if (!encoded.has(variant)) encoded.set(variant, this.#encode(event, variant, {}));
    return encoded.get(variant);
  }
}
