import {
  type CustomCommand,
  type CustomEvent,
  type CustomType,
  customTypeFault,
  type JsonObject,
} from "../../protocol/custom.js";
import { type ErrorCode, type Failure, failure, isErrorCode } from "../../protocol/error-code.js";
import type { User } from "../../protocol/event.js";
import { sanitizeLine } from "../../protocol/sanitize.js";
import type { Logger } from "../telemetry/logger.js";
import { customEventOf } from "./custom-event.js";
import type { Device } from "./device.js";
import { type PayloadSchema, validate } from "./payload-schema.js";
import { requestFacts } from "./request-facts.js";

/** What a handler is called with. `reply` and `fail` answer once: false if it has been answered, or waited for too long. */
export type CustomRequest<Payload> = {
  /** Who asks; `claimed` as in `connected`. */
  readonly user: User & { readonly claimed: boolean };
  readonly connection_id: string;
  readonly payload: Payload;
  /** Answers with an event of a type of your own. Throws TypeError for a type or payload that cannot be said. */
  readonly reply: (type: string, payload?: object) => boolean;
  /** Answers with an `error`. */
  readonly fail: (
    code: ErrorCode,
    message: string,
    details?: { readonly field?: string; readonly retry_after_ms?: number },
  ) => boolean;
};

/** May be async. What it throws is logged, and answered with `internal`; without an answer its own type answers, empty. */
export type CustomHandler<Payload> = (request: CustomRequest<Payload>) => unknown;

export type HandleOptions<Payload> = {
  /** What the payload must be. Without one it is any object, at most 32 levels deep. */
  readonly schema?: PayloadSchema<Payload>;
  /** How long the client, and its next command, wait for the handler, ms; 5000 by default. */
  readonly timeout_ms?: number;
};

type Registered = {
  readonly handler: CustomHandler<unknown>;
  readonly schema: PayloadSchema<unknown> | undefined;
  readonly timeout_ms: number;
};

const TIMEOUT_MS = 5000;
const MAX_TIMEOUT_MS = 600_000;

/** The commands that the embedding program has handlers for. */
export class CustomHandlers {
  readonly #handlers = new Map<CustomType, Registered>();

  /** Throws a TypeError that says why this type, or this timeout, cannot be. */
  register<Payload>(type: string, handler: CustomHandler<Payload>, options: HandleOptions<Payload>): void {
    const fault = customTypeFault(type);
    if (fault !== undefined) throw new TypeError(`${JSON.stringify(type)} cannot have a handler: ${fault}`);
    // What has no fault is one.
    const name = type as CustomType;
    if (this.#handlers.has(name)) throw new TypeError(`${type} has a handler already`);
    if (typeof handler !== "function") throw new TypeError(`the handler of ${type} is no function`);
    const { schema, timeout_ms = TIMEOUT_MS } = options;
    if (!(timeout_ms >= 1 && timeout_ms <= MAX_TIMEOUT_MS)) {
      throw new TypeError(`timeout_ms of ${type} is ${timeout_ms}: allowed are 1 to ${MAX_TIMEOUT_MS}`);
    }
    // What its schema lets through is what the handler takes.
    this.#handlers.set(name, { handler: handler as CustomHandler<unknown>, schema, timeout_ms });
  }

  has(type: CustomType): boolean {
    return this.#handlers.has(type);
  }

  get(type: CustomType): Registered | undefined {
    return this.#handlers.get(type);
  }
}

type Answer = CustomEvent | { readonly type: "error"; readonly payload: Failure };

/** One command of an embedder's own, and where its answer goes. */
export type CustomCall = {
  readonly device: Device;
  readonly command: CustomCommand;
  readonly reply: (answer: Answer) => void;
  /** Logs an error and tells the client. */
  readonly fail: (error: unknown) => void;
};

type Parts = {
  readonly handlers: CustomHandlers;
  readonly logger: Logger;
  readonly startTimer: (ms: number, onTime: () => void) => () => void;
};

/** Runs an embedder's handlers: each call is answered once, and none can hold up its connection for ever. */
export class CustomCommands {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readonly knows = (type: CustomType): boolean => this.#parts.handlers.has(type);

  /** Resolves when the handler has ended, or its time is over. Never rejects. */
  run(call: CustomCall): Promise<void> {
    const { handlers, logger, startTimer } = this.#parts;
    const { command, device } = call;
    const registered = handlers.get(command.name);
    if (registered === undefined) return Promise.reject(new Error(`nobody handles ${command.name}`));
    const once = answerOnce(call);
    return new Promise((resolve) => {
      const cancel = startTimer(registered.timeout_ms, () => {
        const late = failure("internal", `${command.name} was not answered within ${registered.timeout_ms} ms`);
        if (once({ type: "error", payload: late })) {
          logger.warn(requestFacts(device, command), "a handler did not answer in time");
        }
        resolve();
      });
      work(call, registered, once)
        .catch(call.fail)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }
}

type Once = (answer: Answer) => boolean;

function answerOnce({ reply }: CustomCall): Once {
  let isOpen = true;
  return (answer) => {
    if (!isOpen) return false;
    isOpen = false;
    reply(answer);
    return true;
  };
}

async function work({ command, device }: CustomCall, { handler, schema }: Registered, once: Once): Promise<void> {
  const checked = schema === undefined ? { value: command.payload } : await validate(schema, command.payload);
  if ("failure" in checked) return void once({ type: "error", payload: checked.failure });
  await handler({
    user: { ...device.user, claimed: device.claimed },
    connection_id: device.connection_id,
    payload: checked.value,
    reply: (type, payload = {}) => once(customEventOf(type, payload)),
    fail: (code, message, details = {}) => once({ type: "error", payload: failureOf(code, message, details) }),
  });
  once({ type: "custom", name: command.name, payload: NOTHING });
}

const NOTHING: JsonObject = {};

function failureOf(...[code, message, details]: Parameters<CustomRequest<unknown>["fail"]>): Failure {
  if (!isErrorCode(code))
    throw new TypeError(`${JSON.stringify(code)} is no error code (docs/protocol.md, section 11)`);
  return failure(code, sanitizeLine(String(message)).slice(0, 1000), details);
}
