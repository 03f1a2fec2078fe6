import { GENERAL_ROOM } from "../../protocol/room-id.js";
import type { Store } from "../log/event-log.js";

/** Whether a hub should be sent people now. `checks` names what was looked at; there is none before it has started. */
export type Readiness = {
  readonly status: "ready" | "starting" | "degraded" | "stopping";
  readonly checks: { readonly log?: "ok" | "failing"; readonly bus?: "ok" | "failing" };
};

type Backends = { readonly store: Pick<Store, "events" | "upkeep">; readonly bus: { health(): "ok" | "failing" } };

/** A log that does not answer a read in this time is not there for anybody. */
const READ_MS = 2000;

/** Looks whether the log and the bus work, and writes nothing. However many ask at once, the log is read once. */
export class ReadinessCheck {
  readonly #backends: Backends;
  #reading: Promise<boolean> | undefined;

  constructor(backends: Backends) {
    this.#backends = backends;
  }

  async run(): Promise<Readiness> {
    const { store, bus } = this.#backends;
    this.#reading ??= canRead(store).finally(() => (this.#reading = undefined));
    const isReadable = await this.#reading;
    const isWell = (store.upkeep?.health().status ?? "ok") === "ok";
    const log = isReadable && isWell ? "ok" : "failing";
    const checks = { log, bus: bus.health() } as const;
    return { status: log === "ok" && checks.bus === "ok" ? "ready" : "degraded", checks };
  }
}

async function canRead({ events }: Backends["store"]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, READ_MS, false);
  });
  const read = events.read({ room_id: GENERAL_ROOM, limit: 1 }).then(
    () => true,
    // Why it failed is in the log's health.
    () => false,
  );
  const isReadable = await Promise.race([read, late]);
  clearTimeout(timer);
  return isReadable;
}
