import type { RawClient } from "./raw-client.js";

/** Says nothing until the hub has asked for signs of life for so long; resolves earlier if the connection ends. */
export function silence(
  client: RawClient,
  { longer_than_ms }: { readonly longer_than_ms: number },
): Promise<"alive" | { readonly code: number; readonly reason: string }> {
  const began = performance.now();
  const alive = new Promise<"alive">((resolve) => {
    client.ws.on("ping", () => performance.now() - began > longer_than_ms && resolve("alive"));
  });
  return Promise.race([alive, client.closed]);
}
