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

  send(devices: Iterable<Device>, event: ServerEvent, lane: Lane): void {
    const encoded = new Map<Variant, Uint8Array | undefined>();
    for (const { outlet } of devices) {
      if (lane === "ephemeral" && outlet.behind) continue;
      if (!encoded.has(outlet.variant)) encoded.set(outlet.variant, this.#encode(event, outlet.variant, {}));
      const frame = encoded.get(outlet.variant);
      if (frame !== undefined) outlet.write(frame);
    }
  }
}
