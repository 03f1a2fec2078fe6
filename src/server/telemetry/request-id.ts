import type { IncomingMessage } from "node:http";
import { nanoid } from "nanoid";

/** What is taken over from a proxy, or whoever asks: short, and nothing that a log or a header could trip over. */
const SANE = /^[A-Za-z0-9_.:-]{1,64}$/;

const ids = new WeakMap<IncomingMessage, string>();

/** The name of an HTTP request in logs: its X-Request-Id if that is sane, else one of our own. Always the same for one request. */
export function requestIdOf(request: IncomingMessage): string {
  const known = ids.get(request);
  if (known !== undefined) return known;
  const given = request.headers["x-request-id"];
  const id = typeof given === "string" && SANE.test(given) ? given : nanoid(10);
  ids.set(request, id);
  return id;
}
