import type { CustomEvent } from "../../protocol/custom.js";
import type { ServerEvent } from "../../protocol/event.js";
import type { Device } from "./device.js";
import type { Encoder, Variant } from "./outlet.js";

/** `control` always goes; `ephemeral` is dropped for whoever is behind, since something newer will say more. */
export type Lane = "control" | "ephemeral";

/** Says something that no log keeps to any number of connections; encoded once for each way of writing it. */
export class Broadcaster {
  readonly #encode: Encoder;

  constructor(encode: Encoder) {
    this.#encode = encode;
  }

  /** Answers how many connections it was handed to. */
  send(devices: Iterable<Device>, event: ServerEvent | CustomEvent, lane: Lane): number {
    let count = 0;
    const encoded = new Map<Variant, Uint8Array | undefined>();
    for (const { outlet } of devices) {
      if (lane === "ephemeral" && outlet.behind) continue;
      if (!encoded.has(outlet.variant)) encoded.set(outlet.variant, this.#encode(event, outlet.variant, {}));
      const frame = encoded.get(outlet.variant);
      if (frame === undefined) continue;
      outlet.write(frame);
      count += 1;
    }
    return count;
  }
}
