import type { IncomingMessage, ServerResponse } from "node:http";
import { sanitizeLine } from "../../protocol/sanitize.js";
import { targetOf } from "../request/target.js";
import type { Logger } from "../telemetry/logger.js";
import { requestIdOf } from "../telemetry/request-id.js";

const MAX_PATH = 200;

/** The path without the query, which may hold a ticket. */
export function pathOf(request: IncomingMessage): string {
  return targetOf(request.url).path;
}

/** Tells the request's id in the answer, and notes what became of it. */
export function follow(request: IncomingMessage, response: ServerResponse, logger: Logger): void {
  const request_id = requestIdOf(request);
  response.setHeader("X-Request-Id", request_id);
  const began = performance.now();
  response.once("close", () => {
    const took_ms = Math.round(performance.now() - began);
    const path = sanitizeLine(pathOf(request).slice(0, MAX_PATH));
    const facts = { request_id, method: request.method, path, status: response.statusCode, took_ms };
    logger.debug(facts, response.writableFinished ? "a request was answered" : "a request was cut off");
  });
}
