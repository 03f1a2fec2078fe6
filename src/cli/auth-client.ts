import * as z from "zod/mini";
import { AUTH_ANSWERS, type AuthAnswer } from "../protocol/auth.js";
import { type ErrorCode, isErrorCode } from "../protocol/error-code.js";
import { sanitizeLine } from "../protocol/sanitize.js";
import { type Context, type ServerAddress, serverAddress } from "./context.js";
import type { ExitName } from "./exit-code.js";
import { hubUrl, requestHub } from "./hub-request.js";
import { MangahubError } from "./mangahub-error.js";

type Call = { readonly token?: string; readonly body?: object };

/** The command that logs in to this server. */
export function loginHint(server: ServerAddress): string {
  return `log in with: mangahub auth login${serverFlag(server)}`;
}

/** The command that makes an account there. */
export function registerHint(server: ServerAddress): string {
  return `or make an account: mangahub auth register${serverFlag(server)}`;
}

/** What makes a command go to the same server; the local hub is where commands go by themselves. */
function serverFlag({ url, local }: ServerAddress): string {
  return local ? "" : ` --server ${url}`;
}

/** The requests about accounts of one hub. What goes wrong is a MangahubError. */
export class AuthClient {
  readonly #address: ServerAddress;
  readonly #timeout_ms: number;

  constructor(context: Context) {
    this.#address = serverAddress(context);
    this.#timeout_ms = context.config.client.answer_timeout;
  }

  get #server(): string {
    return this.#address.url;
  }

  /** Makes an account, or logs in to one; `body` is the request's (docs/protocol.md). */
  login(route: "register" | "login", body: object): Promise<AuthAnswer<"login">> {
    return this.#ask(`POST ${route}`, { body }, AUTH_ANSWERS.login);
  }

  whoami(token: string): Promise<AuthAnswer<"whoami">> {
    return this.#ask("GET whoami", { token }, AUTH_ANSWERS.whoami);
  }

  refresh(token: string): Promise<AuthAnswer<"refresh">> {
    return this.#ask("POST refresh", { token }, AUTH_ANSWERS.refresh);
  }

  tokens(token: string): Promise<AuthAnswer<"tokens">> {
    return this.#ask("GET tokens", { token }, AUTH_ANSWERS.tokens);
  }

  async changePassword(
    token: string,
    body: { readonly password: string; readonly new_password: string },
  ): Promise<void> {
    await this.#send("POST password", { token, body });
  }

  async logout(token: string): Promise<void> {
    await this.#send("POST logout", { token });
  }

  async revoke(token: string, session_id: string): Promise<void> {
    await this.#send(`DELETE tokens/${encodeURIComponent(session_id)}`, { token });
  }

  async #ask<T>(route: string, call: Call, schema: z.ZodMiniType<T>): Promise<T> {
    const parsed = schema.safeParse(await this.#send(route, call));
    if (parsed.success) return parsed.data;
    throw new MangahubError("unreachable", `${this.#server} gave an answer that cannot be read`, {
      hint: "is it a mangahub server, and of this version?",
    });
  }

  async #send(route: string, { token, body }: Call): Promise<unknown> {
    const [method = "", path = ""] = route.split(" ");
    const request = {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeout_ms: this.#timeout_ms,
    };
    try {
      const { status, text } = await requestHub(hubUrl(this.#server, `/api/auth/${path}`), request);
      const answer: unknown = text === "" ? {} : JSON.parse(text);
      if (status < 300) return answer;
      // Whoever has just shown a name and a password knows that they were to log in.
      throw refusal(answer, status, token === undefined ? undefined : loginHint(this.#address));
    } catch (error) {
      if (error instanceof MangahubError) throw error;
      const what = error instanceof Error ? error.message : String(error);
      throw new MangahubError("unreachable", `cannot reach ${this.#server}: ${sanitizeLine(what)}`, {
        hint: "is the server running, and the address right?",
        cause: error,
      });
    }
  }
}

/** A failure of the hub's, which comes as JSON. */
function refusal(answer: unknown, status: number, login: string | undefined): MangahubError {
  const { code, message } = failureSchema.safeParse(answer).data ?? { code: "", message: "" };
  const said = sanitizeLine(message).slice(0, 300);
  const exit = isErrorCode(code) ? (EXITS[code] ?? "refused") : "refused";
  const hint = code === "not_authenticated" && login !== undefined ? { hint: login } : {};
  return new MangahubError(exit, said === "" ? `the server answered HTTP ${status}` : said, hint);
}

const failureSchema = z.object({ code: z.string(), message: z.string() });

const EXITS: Readonly<Partial<Record<ErrorCode, ExitName>>> = {
  not_authenticated: "not_authenticated",
  unavailable: "unreachable",
};
