import type { Config } from "../config/schema.js";
import { LIMITS } from "../protocol/limits.js";
import type { SessionResolver } from "./auth/resolver-gate.js";
import { createMemoryBus } from "./bus/memory-bus.js";
import { ReadinessCheck } from "./http/readiness.js";
import type { CustomHandlers } from "./hub/custom-commands.js";
import { Hub, type HubParts } from "./hub/hub.js";
import { Housekeeping } from "./housekeeping.js";
import { type Identity, openIdentity } from "./identity.js";
import type { Store } from "./log/event-log.js";
import { createEncoder } from "./sockets/encoder.js";
import type { OriginRule } from "./sockets/origin.js";
import type { TrustedProxies } from "./sockets/forwarded.js";
import { Sockets } from "./sockets/sockets.js";
import type { Logger } from "./telemetry/logger.js";

export type EngineParts = {
  readonly store: Store;
  readonly config: Config;
  readonly logger: Logger;
  readonly handlers: CustomHandlers;
  readonly sessionResolver: SessionResolver | undefined;
  readonly originRule: () => OriginRule;
  readonly proxies: TrustedProxies;
  readonly onCountChange: (connections: number) => void;
};

/** A hub and its sockets, running on a store. */
export type Engine = {
  readonly hub: Hub;
  readonly sockets: Sockets;
  readonly identity: Identity;
  readonly readiness: ReadinessCheck;
  readonly stop: () => Promise<void>;
};

/** What time it is (Unix ms), and what every duration is measured by. */
const CLOCKS = { now: () => Date.now(), elapsedMs };

export function startEngine({ store, config, logger, sessionResolver, ...parts }: EngineParts): Engine {
  const { now } = CLOCKS;
  const encode = createEncoder(now);
  const bus = createMemoryBus();
  const identity = openIdentity({
    store,
    config,
    logger,
    sessionResolver,
    proxies: parts.proxies,
    ...CLOCKS,
    listener: {
      end: (session_ids, reason) => hub.sessions.end(session_ids, reason),
      extend: (session_id, expires_ms) => hub.sessions.extend(session_id, expires_ms),
    },
  });
  const { gate, tokens } = identity;
  const hub = new Hub({
    store,
    encode,
    logger,
    handlers: parts.handlers,
    ...CLOCKS,
    bus,
    limits: config.limits,
    calls: config.calls,
    presence: config.presence,
    typing: config.typing,
    max_rooms: LIMITS.maxRoomsPerConnection,
    max_receipt_room: config.receipts.max_room,
    max_recent: config.websocket.broadcast_buffer,
    startTimer,
    people: identity.people,
    ...secretsOf(identity),
  });
  const settings = config.websocket;
  const sockets = new Sockets({ hub, gate, encode, logger, settings, now: elapsedMs, ...parts });
  sockets.start();
  const keeping = new Housekeeping({ store, hub, tokens, logger, now, retention: config.retention });
  const cleaning = setInterval(() => void keeping.run(), settings.cleanup_interval).unref();
  const stop = async () => {
    clearInterval(cleaning);
    await hub.endCalls();
    await sockets.stop();
    hub.close();
    await keeping.end();
    await store.close();
  };
  return { hub, sockets, identity, readiness: new ReadinessCheck({ store, bus }), stop };
}

/** How sessions go on and keys are replaced, where there are such. */
function secretsOf({ gate, tokens }: Identity): Pick<HubParts, "refreshSession" | "replaceKey"> {
  return {
    ...(tokens === undefined ? {} : { refreshSession: (session_id) => tokens.refresh(session_id) }),
    replaceKey: gate.replaceKey?.bind(gate),
  };
}

/** What every duration is measured by (ms): when the system's clock is set, nobody waits longer or is thrown out. */
function elapsedMs(): number {
  return performance.now();
}

function startTimer(ms: number, onTime: () => void): () => void {
  const timer = setTimeout(onTime, ms).unref();
  return () => clearTimeout(timer);
}
