import type { IncomingMessage, ServerResponse } from "node:http";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../../protocol/frame.js";
import { VERSION } from "../../protocol/version.js";
import { failure } from "../../protocol/error-code.js";
import type { FaultReason, Upkeep } from "../log/event-log.js";
import { type AuthApi, isAuthPath } from "./auth-api.js";
import { answerFailure, answerJson } from "./json-answer.js";

/** What `/health` tells; `service` is how a client knows that this port is a hub's. */
export type Health = {
  readonly service: "mangahub";
  /** `degraded`: new messages, or reads, fail now; `reason` says why. */
  readonly status: "ok" | "degraded" | "stopping";
  readonly reason?: FaultReason;
  readonly failing?: "write" | "read";
  /** RFC 3339. */
  readonly since?: string;
  readonly version: string;
  readonly protocol: number;
  readonly server_id: string;
  readonly pid: number;
  readonly connections: number;
  /** How it knows people: guests with keys, accounts with tokens, or by the program it is part of. */
  readonly auth: AuthMode;
};

export type AuthMode = "open" | "token" | "resolver";

type Sources = {
  readonly server_id: string;
  readonly isStopping: () => boolean;
  readonly countConnections: () => number;
  readonly auth: AuthMode;
  /** Answers what is about accounts, where there are any. */
  readonly authApi: AuthApi | undefined;
  readonly upkeep: Pick<Upkeep, "health" | "probe"> | undefined;
  /** Why this request is turned away (a foreign Host or Origin), or undefined. */
  readonly faultOf: (request: IncomingMessage) => string | undefined;
};

/** The hub's answer to plain HTTP requests. */
export function createRequestListener(sources: Sources): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const fault = sources.faultOf(request);
    const path = (request.url ?? "/").replace(/\?.*$/s, "");
    if (fault !== undefined) return answerJson(response, 403, { code: "forbidden", message: fault });
    if (isAuthPath(path)) {
      if (sources.authApi !== undefined) return void sources.authApi.handle(request, response);
      return answerFailure(response, failure("forbidden", "there are no accounts here (auth.mode is not token)"));
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return answerJson(response, 405, { code: "forbidden", message: "only GET is understood here" });
    }
    if (path === "/health") return answerHealth(response, sources);
    if (path === "/ws" || path.startsWith("/ws/")) {
      response.setHeader("Upgrade", "websocket");
      return answerJson(response, 426, {
        code: "bad_frame",
        message: `connect by WebSocket, subprotocol ${SUBPROTOCOL}`,
      });
    }
    return answerJson(response, 404, { code: "unknown_room", message: "there is nothing here: try /health or /ws" });
  };
}

/** 503 while degraded, for those who look at nothing but the status. Whoever asks also has it tried whether it still is. */
function answerHealth(response: ServerResponse, sources: Sources): void {
  const health = healthOf(sources);
  if (health.status === "degraded") void sources.upkeep?.probe();
  answerJson(response, health.status === "degraded" ? 503 : 200, health);
}

function statusOf({ isStopping, upkeep }: Sources): Pick<Health, "status" | "reason" | "failing" | "since"> {
  if (isStopping()) return { status: "stopping" };
  const health = upkeep?.health() ?? { status: "ok" };
  if (health.status === "ok") return { status: "ok" };
  const { status, reason, failing, since_ms } = health;
  return { status, reason, failing, since: new Date(since_ms).toISOString() };
}

function healthOf(sources: Sources): Health {
  return {
    service: "mangahub",
    ...statusOf(sources),
    version: VERSION,
    protocol: PROTOCOL_VERSION,
    server_id: sources.server_id,
    pid: process.pid,
    connections: sources.countConnections(),
    auth: sources.auth,
  };
}
