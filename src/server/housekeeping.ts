import type { Config } from "../config/schema.js";
import type { SessionTokens } from "./auth/session-tokens.js";
import type { Hub } from "./hub/hub.js";
import type { Store, SweepRule, Swept } from "./log/event-log.js";
import type { Logger } from "./telemetry/logger.js";

type Parts = {
  readonly store: Store;
  readonly hub: Hub;
  /** Where there are accounts. */
  readonly tokens: Pick<SessionTokens, "removeExpired"> | undefined;
  readonly logger: Logger;
  readonly now: () => number;
  readonly retention: Config["retention"];
};

/** Messages removed in one step: a commit of a few milliseconds, and everybody else's go between two of them. */
const MESSAGES_PER_STEP = 250;

/** What a hub does now and then: forget what is idle, remove what is too old, see whether a fault is over. */
export class Housekeeping {
  readonly #parts: Parts;
  #running: Promise<void> | undefined;
  #isEnding = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One round; one that is still under way is not joined by a second. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#round()
      // The next round tries again; what is wrong with the log is in its health.
      .catch((error: unknown) => this.#parts.logger.warn({ err: error }, "a round of housekeeping failed"))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Begins no step any more; resolves when the last one is done. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#running;
  }

  async #round(): Promise<void> {
    const { store, hub, tokens, logger } = this.#parts;
    hub.cleanUp();
    const health = (await store.upkeep?.probe()) ?? { status: "ok" };
    if (health.status === "degraded") logger.warn({ ...health }, "the log is degraded");
    // Nothing can be removed while nothing can be written.
    if (health.status === "degraded" && health.failing === "write") return;
    await tokens?.removeExpired();
    await this.#sweep();
  }

  async #sweep(): Promise<void> {
    const { store, hub, now, retention } = this.#parts;
    const rule: SweepRule = {
      now_ms: now(),
      limit: MESSAGES_PER_STEP,
      ...(retention.max_age > 0 && { max_age_ms: retention.max_age }),
      ...(retention.max_messages > 0 && { max_messages: retention.max_messages }),
    };
    for (let after: number | undefined = 0; after !== undefined && !this.#isEnding; ) {
      const swept: Swept | undefined = await store.upkeep?.sweep({ ...rule, after });
      for (const { room_id, oldest } of swept?.oldest ?? []) hub.rooms.cut(room_id, oldest);
      after = swept?.next;
    }
  }
}
