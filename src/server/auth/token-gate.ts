import { type Failure, failure } from "../../protocol/error-code.js";
import type { Gate, Identification, Introduction, Known } from "./identification.js";
import type { SessionTokens } from "./session-tokens.js";
import type { Tickets } from "./tickets.js";

/** Token mode: everybody has an account, and shows a session's token, or a ticket for one. Names are the account's. */
export class TokenGate implements Gate {
  readonly #tokens: SessionTokens;
  readonly #tickets: Tickets;

  constructor(parts: { readonly tokens: SessionTokens; readonly tickets: Tickets }) {
    this.#tokens = parts.tokens;
    this.#tickets = parts.tickets;
  }

  async identify({ key, ticket }: Introduction): Promise<Identification> {
    if (key === undefined && ticket === undefined) {
      return { status: "key_needed", failure: failure("not_authenticated", "this hub has accounts: log in") };
    }
    const found = key === undefined ? await this.#redeem(ticket ?? "") : await this.#tokens.find(key);
    if (found !== undefined) return { status: "known", ...found };
    const what = key === undefined ? "the ticket is wrong, used or too old" : "the token is wrong or has expired";
    return { status: "refused", failure: failure("not_authenticated", `${what}: log in anew`) };
  }

  async confirm({ session }: Known): Promise<Failure | undefined> {
    const found = session === undefined ? undefined : await this.#tokens.findByHash(session.token_hash);
    if (found === undefined) return failure("not_authenticated", "the session has ended: log in anew");
    this.#tokens.noteUse(found.session.session_id);
    return undefined;
  }

  async #redeem(ticket: string): ReturnType<SessionTokens["findByHash"]> {
    const token_hash = this.#tickets.redeem(ticket);
    return token_hash === undefined ? undefined : this.#tokens.findByHash(token_hash);
  }
}
