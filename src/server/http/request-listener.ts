import type { IncomingMessage, ServerResponse } from "node:http";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../../protocol/frame.js";
import { VERSION } from "../../protocol/version.js";
import { failure } from "../../protocol/error-code.js";
import type { FaultReason, Upkeep } from "../log/event-log.js";
import { isSocketPath } from "../request/socket-path.js";
import type { Logger } from "../telemetry/logger.js";
import { type AuthApi, isAuthPath } from "./auth-api.js";
import { answerFailure, answerJson } from "./json-answer.js";
import type { Readiness } from "./readiness.js";
import { follow, pathOf } from "./follow.js";

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
  /** The hub ends by itself so long after its last client has left, ms. */
  readonly linger_ms?: number;
};

export type AuthMode = "open" | "token" | "resolver";

/** What there is once the hub has started. */
type Running = {
  readonly server_id: string;
  /** Answers what is about accounts, where there are any. */
  readonly authApi: AuthApi | undefined;
  readonly upkeep: Pick<Upkeep, "health" | "probe"> | undefined;
};

type Sources = {
  readonly logger: Logger;
  readonly isStopping: () => boolean;
  readonly countConnections: () => number;
  readonly auth: AuthMode;
  /** 0: it stays. */
  readonly linger_ms: number;
  /** Why this request is turned away (a foreign Host or Origin), or undefined. */
  readonly faultOf: (request: IncomingMessage) => string | undefined;
  /** Never rejects. */
  readonly checkReadiness: () => Promise<Readiness>;
  /** Resolves when the hub has started. */
  readonly running: () => Promise<Running>;
};

/** The hub's answer to plain HTTP requests. Those that come while it starts wait for it, but for what asks just that. */
export function createRequestListener(sources: Sources): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    follow(request, response, sources.logger);
    const fault = sources.faultOf(request);
    if (fault !== undefined) return answerFailure(response, failure("forbidden", fault));
    const path = pathOf(request);
    const isAboutAuth = isAuthPath(path);
    if (!isAboutAuth && request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return answerJson(response, 405, failure("forbidden", "only GET is understood here"));
    }
    if (path === "/live") return answerJson(response, 200, { service: "mangahub", status: "ok" });
    if (path === "/ready") return void answerReady(response, sources);
    sources
      .running()
      .then((running) => {
        if (isAboutAuth) answerAuth(request, response, running);
        else if (path === "/health") answerHealth(response, { ...sources, ...running });
        else answerElse(response, path);
      })
      .catch((error: unknown) => {
        sources.logger.error({ err: error }, "a request failed");
        if (response.headersSent) response.destroy();
        else answerFailure(response, failure("unavailable", "the hub cannot answer this now: try again"));
      });
  };
}

function answerAuth(request: IncomingMessage, response: ServerResponse, { authApi }: Running): void {
  if (authApi !== undefined) return void authApi.handle(request, response);
  answerFailure(response, failure("forbidden", "there are no accounts here (auth.mode is not token)"));
}

function answerElse(response: ServerResponse, path: string): void {
  if (isSocketPath(path)) {
    response.setHeader("Upgrade", "websocket");
    const reason = failure("bad_frame", `connect by WebSocket, subprotocol ${SUBPROTOCOL}`);
    return answerJson(response, 426, reason);
  }
  answerFailure(response, failure("not_found", "there is nothing here: try /health or /ws"));
}

/** 503 for those who look at nothing but the status: no people are to be sent here now. */
async function answerReady(response: ServerResponse, { checkReadiness }: Sources): Promise<void> {
  const readiness = await checkReadiness();
  answerJson(response, readiness.status === "ready" ? 200 : 503, { service: "mangahub", ...readiness });
}

/** 503 while degraded, for those who look at nothing but the status. Whoever asks also has it tried whether it still is. */
function answerHealth(response: ServerResponse, sources: Sources & Running): void {
  const health = healthOf(sources);
  if (health.status === "degraded") void sources.upkeep?.probe();
  answerJson(response, health.status === "degraded" ? 503 : 200, health);
}

function statusOf({ isStopping, upkeep }: Sources & Running): Pick<Health, "status" | "reason" | "failing" | "since"> {
  if (isStopping()) return { status: "stopping" };
  const health = upkeep?.health() ?? { status: "ok" };
  if (health.status === "ok") return { status: "ok" };
  const { status, reason, failing, since_ms } = health;
  return { status, reason, failing, since: new Date(since_ms).toISOString() };
}

function healthOf(sources: Sources & Running): Health {
  return {
    service: "mangahub",
    ...statusOf(sources),
    version: VERSION,
    protocol: PROTOCOL_VERSION,
    server_id: sources.server_id,
    pid: process.pid,
    connections: sources.countConnections(),
    auth: sources.auth,
    ...(sources.linger_ms > 0 ? { linger_ms: sources.linger_ms } : {}),
  };
}
