import type { IncomingMessage } from "node:http";
import { failure } from "../../protocol/error-code.js";
import type { User } from "../../protocol/event.js";
import { LIMITS } from "../../protocol/limits.js";
import { parseDisplayName, SERVER_USER, trustUserId } from "../../protocol/user-id.js";
import type { Logger } from "../telemetry/logger.js";
import type { Accounts } from "../log/event-log.js";
import type { Gate, Identification, Introduction, Known, Newcomer } from "./identification.js";

/** A user as the embedding program knows one. The id may be any text or number; it is only ever compared. */
export type ResolvedUser = { readonly user_id: string | number; readonly username: string };

/** Who sends this upgrade request, by the embedding program's own sessions (cookies, headers); null: nobody. */
export type SessionResolver = (request: IncomingMessage) => Promise<ResolvedUser | null> | ResolvedUser | null;

const ANSWER_WITHIN_MS = 3000;
/** Characters of an embedder's id: two of them, percent-encoded, fit a direct room's id. */
const MAX_ID_LENGTH = 256;

type ResolverGateParts = { readonly accounts: Accounts; readonly logger: Logger; readonly now: () => number };

/** People are whoever the embedding program says they are. Whatever goes wrong there is a refusal here. */
export class ResolverGate implements Gate {
  readonly #resolve: SessionResolver;
  readonly #parts: ResolverGateParts;

  constructor(resolve: SessionResolver, parts: ResolverGateParts) {
    this.#resolve = resolve;
    this.#parts = parts;
  }

  async identify(_: Introduction, request: IncomingMessage): Promise<Identification> {
    try {
      const user = await this.#ask(request);
      if (user !== undefined) return { status: "known", user, vouched: true };
    } catch (error) {
      this.#parts.logger.error({ err: error }, "the session resolver failed");
    }
    return { status: "refused", failure: failure("not_authenticated", "you are not logged in here") };
  }

  /** Remembers them, so that others can write to them while they are away. That this fails keeps nobody out. */
  async confirm(_: Known, { user }: Newcomer): Promise<undefined> {
    const { accounts, logger, now } = this.#parts;
    await accounts.save({ ...user, seen_ms: now() }).catch((error: unknown) => {
      logger.warn({ err: error, user_id: user.user_id }, "a user could not be remembered");
    });
  }

  async #ask(request: IncomingMessage): Promise<User | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS);
    });
    try {
      // An async function, so that one that throws at once is like one that rejects.
      const asking = (async () => this.#resolve(request))();
      const resolved = await Promise.race([asking, late]);
      // What the types promise, a program in JavaScript may not keep.
      return resolved === null || resolved === undefined ? undefined : userOf(resolved);
    } finally {
      clearTimeout(timer);
    }
  }
}

function userOf(resolved: ResolvedUser): User {
  const { user_id, username } = resolved;
  const isText = typeof user_id === "string" && user_id !== "" && user_id.length <= MAX_ID_LENGTH;
  if (!isText && !Number.isFinite(user_id)) {
    throw new TypeError(`a user_id is a number or a text of 1 to ${MAX_ID_LENGTH} characters`);
  }
  if (String(user_id) === SERVER_USER.user_id) throw new TypeError(`the id ${SERVER_USER.user_id} is the hub's own`);
  const id = trustUserId(user_id);
  return { user_id: id, username: nameOf(String(username ?? "")) ?? nameOf(id) ?? "user" };
}

/** A name as long as names may be; undefined if nothing can be seen of it. */
function nameOf(text: string): string | undefined {
  return parseDisplayName(text) ?? parseDisplayName(Array.from(text).slice(0, LIMITS.maxUsernameLength).join(""));
}
