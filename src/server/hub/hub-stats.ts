import type { Topic } from "../../protocol/topic.js";
import type { CommandClass } from "./command-class.js";
import type { HubContext } from "./commands/request.js";
import type { StatusCounts } from "./status-board.js";

/** A hub's figures at one moment. What counts up does so since the hub started. */
export type HubStats = {
  readonly connections: number;
  /** People: somebody with two devices counts once. */
  readonly users: number;
  /** Rooms in memory: somebody reads them, or they were used a moment ago. */
  readonly rooms: number;
  /** Places of connections in rooms. */
  readonly subscriptions: number;
  /** Connections that hear of each topic. */
  readonly topics: Readonly<Record<Topic, number>>;
  /** Log events: stored, and handed to readers, once for each. */
  readonly messages: { readonly stored: number; readonly delivered: number };
  /** Places whose reader fell behind and is, or will be, served from the log. */
  readonly slow_readers: number;
  /** People by the status they have; who was lost a moment ago counts until the grace is over. */
  readonly presence: StatusCounts["by_status"];
  /** People who type now, once for each room. */
  readonly typing: number;
  readonly calls: { readonly ringing: number; readonly active: number };
  /** Commands refused with `too_fast`. */
  readonly refused: Readonly<Record<CommandClass, number>>;
  readonly uptime_ms: number;
};

type Counted = Pick<HubContext, "calls" | "people" | "presence" | "rooms" | "topics" | "throttle" | "traffic"> & {
  readonly started_ms: number;
  readonly elapsedMs: () => number;
  countDevices(): number;
};

/** Goes through all places once: cheap enough to be asked for now and then, not for every message. */
export function statsOf(hub: Counted): HubStats {
  const places = [...hub.rooms].flatMap((room) => [...room.subscriptions.values()]);
  const { typing, by_status } = hub.presence.getStats();
  const { stored, delivered } = hub.traffic;
  return {
    connections: hub.countDevices(),
    users: hub.people.count,
    rooms: [...hub.rooms].length,
    subscriptions: places.length,
    topics: hub.topics.getStats(),
    messages: { stored, delivered },
    slow_readers: places.filter(({ live, wants }) => wants.messages && !live).length,
    presence: by_status,
    typing,
    calls: hub.calls.getStats(),
    refused: { ...hub.throttle.refused },
    uptime_ms: Math.round(hub.elapsedMs() - hub.started_ms),
  };
}
