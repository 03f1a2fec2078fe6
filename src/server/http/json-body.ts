import type { IncomingMessage } from "node:http";
import { type Failure, failure } from "../../protocol/error-code.js";

/**
 * The JSON body of a request of at most so many bytes. Only what says that it is JSON is read: a page of another origin
 * cannot send that without asking first. Undefined if the client went away.
 */
export async function readJsonBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ readonly value: unknown } | Failure | undefined> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    return failure("bad_frame", "send JSON, with Content-Type: application/json");
  }
  const chunks: Buffer[] = [];
  let length = 0;
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return tooLarge(maxBytes);
  try {
    // To stop reading must not cut the connection, on which the answer is to go.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      // A request that has no encoding set gives buffers.
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > maxBytes) return tooLarge(maxBytes);
    }
  } catch {
    // Nobody is left to be answered.
    return undefined;
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return failure("bad_payload", "the body is not JSON");
  }
}

function tooLarge(maxBytes: number): Failure {
  return failure("too_large", `the body is larger than ${maxBytes} bytes`);
}
