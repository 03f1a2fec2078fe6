import type { IncomingMessage } from "node:http";
import { nanoid } from "nanoid";

/** What is taken over from a proxy, or whoever asks: short, and nothing that a log or a header could trip over. */
const SANE = /^[A-Za-z0-9_.:-]{1,64}$/;

/** Kept at the request itself: a table beside it would be gone through by every collection of garbage. */
const ID = Symbol("request id");

type Named = IncomingMessage & { [ID]?: string };

/** The name of an HTTP request in logs: its X-Request-Id if that is sane, else one of our own. Always the same for one request. */
export function requestIdOf(request: Named): string {
  const known = request[ID];
  if (known !== undefined) return known;
  const given = request.headers["x-request-id"];
  const id = typeof given === "string" && SANE.test(given) ? given : nanoid(10);
  request[ID] = id;
  return id;
}
