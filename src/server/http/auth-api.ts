import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod/mini";
import { AUTH_REQUESTS, type AuthAnswer, MAX_AUTH_BODY_BYTES } from "../../protocol/auth.js";
import { type Failure, failure } from "../../protocol/error-code.js";
import { readPayload } from "../../protocol/read-payload.js";
import type { Sender } from "../auth/identification.js";
import type { Issued, Logins } from "../auth/logins.js";
import type { LoggedIn, SessionTokens } from "../auth/session-tokens.js";
import type { Tickets } from "../auth/tickets.js";
import { LogUnavailable } from "../log/event-log.js";
import { bearerOf } from "../request/bearer.js";
import type { Logger } from "../telemetry/logger.js";
import { requestIdOf } from "../telemetry/request-id.js";
import type { AuthThrottle } from "./auth-throttle.js";
import { pathOf } from "./follow.js";
import { answerFailure, answerJson } from "./json-answer.js";
import { readJsonBody } from "./json-body.js";

export type AuthApiParts = {
  readonly logins: Logins;
  readonly tokens: SessionTokens;
  readonly tickets: Tickets;
  readonly throttle: AuthThrottle;
  readonly logger: Logger;
  readonly senderOf: (request: IncomingMessage) => Sender;
};

/** A request that is being answered; `rest` is the id at the end of its path. */
type Asked = { readonly request: IncomingMessage; readonly sender: Sender; readonly rest: string };

/** What is answered: a status and a body, a failure, or nothing, since nobody is left to be answered. */
type Answer = { readonly status: number; readonly body?: object } | Failure | undefined;

const BASE = "/api/auth";
const METHODS = "GET, POST, DELETE";

export function isAuthPath(path: string): boolean {
  return path === BASE || path.startsWith(`${BASE}/`);
}

/** Accounts and sessions over HTTP, below /api/auth. The Host and Origin were looked at before. */
export class AuthApi {
  readonly #parts: AuthApiParts;
  readonly #routes: Readonly<Record<string, (asked: Asked) => Promise<Answer>>> = {
    "POST register": (asked) => this.#register(asked),
    "POST login": (asked) => this.#login(asked),
    "POST password": (asked) => this.#withSession(asked, (found) => this.#changePassword(asked, found)),
    "POST logout": (asked) => this.#withSession(asked, (found) => this.#end(found, found.session.session_id)),
    "POST refresh": (asked) => this.#withSession(asked, (found) => this.#refresh(found)),
    "POST ticket": (asked) => this.#withSession(asked, (found) => this.#ticket(found)),
    "GET whoami": (asked) => this.#withSession(asked, async (found) => ({ status: 200, body: whoami(found) })),
    "GET tokens": (asked) => this.#withSession(asked, (found) => this.#list(found)),
    "DELETE tokens/:id": (asked) => this.#withSession(asked, (found) => this.#end(found, asked.rest)),
  };

  constructor(parts: AuthApiParts) {
    this.#parts = parts;
  }

  /** Answers a request whose path is one of these. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    allowPage(request, response);
    if (request.method === "OPTIONS") return void response.writeHead(204, { Allow: METHODS }).end();
    const answer = await this.#answer(request);
    if (answer === undefined) return void response.destroy();
    // What was not read of a body that is refused is not waited for.
    if (!request.complete) response.setHeader("Connection", "close");
    if ("code" in answer) answerFailure(response, answer);
    else if (answer.body === undefined) response.writeHead(answer.status).end();
    else answerJson(response, answer.status, answer.body);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const path = pathOf(request).slice(BASE.length + 1);
    const [name = "", rest = ""] = path.split("/", 2);
    const route = this.#routes[`${request.method} ${name}${rest === "" ? "" : "/:id"}`];
    if (route === undefined) return failure("unknown_type", `${BASE} has nothing of this name and method`);
    try {
      return await route({ request, rest, sender: this.#parts.senderOf(request) });
    } catch (error) {
      const request_id = requestIdOf(request);
      this.#parts.logger.error({ err: error, request_id, route: name }, "a request about accounts failed");
      if (!(error instanceof LogUnavailable)) return failure("internal", "the hub failed to do this: try again");
      return failure("unavailable", "the hub cannot reach its database now: try again");
    }
  }

  async #register(asked: Asked): Promise<Answer> {
    const wish = await this.#body(asked, AUTH_REQUESTS.register);
    if (wish === undefined || "code" in wish) return wish;
    const wait = this.#parts.throttle.account(asked.sender);
    if (wait > 0) return tooFast(wait);
    const made = await this.#parts.logins.register(wish);
    if (!("code" in made)) this.#parts.throttle.succeeded(wish.username, asked.sender);
    return this.#tell(asked, { made, status: 201 });
  }

  async #login(asked: Asked): Promise<Answer> {
    const wish = await this.#body(asked, AUTH_REQUESTS.login);
    if (wish === undefined || "code" in wish) return wish;
    const wait = this.#parts.throttle.password(wish.username, asked.sender);
    if (wait > 0) return tooFast(wait);
    const made = await this.#parts.logins.login(wish);
    if (!("code" in made)) this.#parts.throttle.succeeded(wish.username, asked.sender);
    return this.#tell(asked, { made, status: 200 });
  }

  async #changePassword(asked: Asked, { user, session }: LoggedIn): Promise<Answer> {
    const wish = await this.#body(asked, AUTH_REQUESTS.password);
    if (wish === undefined || "code" in wish) return wish;
    const wait = this.#parts.throttle.password(user.username, asked.sender);
    if (wait > 0) return tooFast(wait);
    const refusal = await this.#parts.logins.changePassword(session, wish);
    if (refusal !== undefined) return refusal;
    this.#parts.logger.info({ user_id: user.user_id, session_id: session.session_id }, "a password was changed");
    return { status: 204 };
  }

  async #refresh({ user, session }: LoggedIn): Promise<Answer> {
    const expires_ms = await this.#parts.tokens.refresh(session.session_id);
    if (expires_ms === undefined) return noSession();
    return { status: 200, body: { user, expires_at: timeOf(expires_ms) } satisfies AuthAnswer<"refresh"> };
  }

  async #ticket({ user, session }: LoggedIn): Promise<Answer> {
    const wait = this.#parts.throttle.ticket(user.user_id);
    if (wait > 0) return tooFast(wait);
    const { ticket, expires_ms } = this.#parts.tickets.issue(session.token_hash);
    return { status: 201, body: { ticket, expires_at: timeOf(expires_ms) } satisfies AuthAnswer<"ticket"> };
  }

  async #list({ user, session }: LoggedIn): Promise<Answer> {
    const sessions = await this.#parts.tokens.list(user.user_id);
    const tokens = sessions.map(({ session_id, label, created_ms, seen_ms, expires_ms }) => ({
      session_id,
      label,
      created_at: timeOf(created_ms),
      seen_at: timeOf(seen_ms),
      expires_at: timeOf(expires_ms),
      current: session_id === session.session_id,
    }));
    return { status: 200, body: { tokens } satisfies AuthAnswer<"tokens"> };
  }

  async #end({ user }: LoggedIn, session_id: string): Promise<Answer> {
    if (!(await this.#parts.tokens.end(user.user_id, session_id))) {
      return failure("unknown_session", "you have no session of this id");
    }
    this.#parts.logger.info({ user_id: user.user_id, session_id }, "a session was ended");
    return { status: 204 };
  }

  async #withSession(asked: Asked, act: (found: LoggedIn) => Promise<Answer>): Promise<Answer> {
    const token = bearerOf(asked.request.headers.authorization);
    const found = token === undefined ? undefined : await this.#parts.tokens.find(token);
    return found === undefined ? noSession() : act(found);
  }

  async #body<T>({ request, sender }: Asked, schema: z.ZodMiniType<T>): Promise<T | Failure | undefined> {
    const wait = this.#parts.throttle.request(sender);
    if (wait > 0) return tooFast(wait);
    const body = await readJsonBody(request, MAX_AUTH_BODY_BYTES);
    if (body === undefined || "code" in body) return body;
    const read = readPayload(schema, body.value);
    return read.ok ? read.value : read.failure;
  }

  #tell({ sender }: Asked, { made, status }: { readonly made: Issued | Failure; readonly status: number }): Answer {
    const { address } = sender;
    if ("code" in made) {
      // Not the name: people type passwords into the wrong field.
      this.#parts.logger.info({ address, code: made.code }, "a login was refused");
      return made;
    }
    const { user, session, token } = made;
    const { session_id, expires_ms } = session;
    this.#parts.logger.info({ address, ...user, session_id }, status === 201 ? "registered" : "logged in");
    const body: AuthAnswer<"login"> = { user, session_id, token, expires_at: timeOf(expires_ms) };
    return { status, body };
  }
}

/** A page of an origin that is let in may read the answers, also if it is not the hub's own. */
function allowPage({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Vary", "Origin");
  if (headers.origin === undefined) return;
  response.setHeader("Access-Control-Allow-Origin", headers.origin);
  response.setHeader("Access-Control-Allow-Methods", METHODS);
  response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type");
}

function whoami({ user, session }: LoggedIn): AuthAnswer<"whoami"> {
  const { session_id, created_ms, expires_ms } = session;
  return { user, session_id, created_at: timeOf(created_ms), expires_at: timeOf(expires_ms) };
}

function noSession(): Failure {
  return failure("not_authenticated", "the token is missing, wrong or expired: log in anew");
}

function tooFast(wait: number): Failure {
  return failure("too_fast", `too many attempts: wait ${wait} ms`, { retry_after_ms: wait });
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
