import type { UserId } from "../../../protocol/user-id.js";
import type { EndedSessions, LoginSession, Sessions } from "../event-log.js";
import type { ReadRequest, SessionChange } from "./thread-message.js";

/** How the log's threads are reached. */
type Threads = {
  readonly write: (change: SessionChange) => Promise<readonly string[]>;
  /** `Reply` is what thread-message promises for the request. */
  readonly ask: <Reply>(request: ReadRequest) => Promise<Reply>;
};

export class SqliteSessions implements Sessions {
  readonly #threads: Threads;

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  add(session: LoginSession, max: number): Promise<readonly string[]> {
    return this.#threads.write({ kind: "add", session, max });
  }

  findByToken(token_hash: string): Promise<LoginSession | undefined> {
    return this.#threads.ask({ op: "session_of_token", token_hash });
  }

  ofUser(user_id: UserId): Promise<readonly LoginSession[]> {
    return this.#threads.ask({ op: "sessions_of", user_id });
  }

  touch(
    session_id: string,
    use: { readonly seen_ms: number; readonly expires_ms?: number },
  ): Promise<readonly string[]> {
    return this.#threads.write({ kind: "touch", session_id, ...use });
  }

  end(which: EndedSessions): Promise<readonly string[]> {
    return this.#threads.write({ kind: "end", ...which });
  }

  endExpired(now_ms: number, limit: number): Promise<readonly string[]> {
    return this.#threads.write({ kind: "expire", now_ms, limit });
  }
}
