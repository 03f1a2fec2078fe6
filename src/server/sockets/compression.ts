import type { IncomingMessage } from "node:http";
import type { PerMessageDeflateOptions } from "ws";
import { DEFLATE_WINDOW_BITS } from "./text-frame.js";

/**
 * Without context takeover on either side: a frame is compressed once for all its readers, and nobody's context is
 * kept. What the hub sends is compressed by itself (text-frame.ts); what it receives by `ws`, which counts the
 * inflated bytes against max_message_size.
 */
export const DEFLATE: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: DEFLATE_WINDOW_BITS,
  concurrencyLimit: 4,
};

/** Who asks for a smaller window than the hub's goes uncompressed; `ws` would refuse the upgrade. */
export function dropNarrowOffer({ headers }: IncomingMessage): void {
  const offer = headers["sec-websocket-extensions"] ?? "";
  const widths = [...offer.matchAll(/server_max_window_bits\s*=\s*"?(\d{1,2})/g)].map(([, bits]) => Number(bits));
  if (widths.some((bits) => bits < DEFLATE_WINDOW_BITS)) delete headers["sec-websocket-extensions"];
}
