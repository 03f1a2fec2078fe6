import type { DurableEvent } from "../../protocol/durable-event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Bus, Hint } from "../bus/bus.js";
import type { AppendResult, EventDraft, EventLog } from "../log/event-log.js";
import type { Logger } from "../telemetry/logger.js";
import type { Traffic } from "../telemetry/traffic.js";
import type { FanOut } from "./fan-out.js";
import type { Room } from "./room.js";
import type { Rooms } from "./rooms.js";

type DeliveryParts = {
  readonly log: EventLog;
  readonly bus: Bus;
  readonly rooms: Pick<Rooms, "get">;
  readonly fanOut: Pick<FanOut, "storing" | "stored">;
  readonly logger: Logger;
  readonly traffic: Traffic;
};

/**
 * The way of an event from the sender to everybody: commit, then acknowledge, then fan out. What one commit stored is
 * handed to the bus together, in the tick of the commit; what the bus brings is delivered if it follows the room's
 * head, else the gap is read from the log first.
 */
export class Delivery {
  readonly #log: EventLog;
  readonly #bus: Bus;
  readonly #rooms: Pick<Rooms, "get">;
  readonly #fanOut: Pick<FanOut, "storing" | "stored">;
  readonly #logger: Logger;
  readonly #traffic: Traffic;
  readonly #healing = new Set<Room>();
  readonly #stopHearing: () => void;
  #committed = new Map<RoomId, { epoch: string; events: DurableEvent[] }>();

  constructor(parts: DeliveryParts) {
    this.#log = parts.log;
    this.#bus = parts.bus;
    this.#rooms = parts.rooms;
    this.#fanOut = parts.fanOut;
    this.#logger = parts.logger;
    this.#traffic = parts.traffic;
    this.#stopHearing = this.#bus.subscribe((hints) => this.#onHints(hints));
  }

  /** Stores one event. It is fanned out after the continuations of this promise: the ack goes first. */
  append(draft: EventDraft): Promise<AppendResult> {
    const own = this.#rooms.get(draft.room_id)?.sending;
    const answer = this.#log.append([draft]);
    this.#fanOut.storing(own);
    return answer.then(
      ([result]) => {
        this.#fanOut.stored(own);
        if (result === undefined) throw new Error("the log answered an append without a result");
        if (result.status === "stored") this.#collect(draft.room_id, result);
        return result;
      },
      (error: unknown) => {
        this.#fanOut.stored(own);
        throw error;
      },
    );
  }

  close(): void {
    this.#stopHearing();
  }

  // All continuations of one commit run in one drain of the microtasks; nextTick comes after them.
  #collect(room_id: RoomId, { epoch, event }: { epoch: string; event: DurableEvent }): void {
    this.#traffic.stored += 1;
    if (this.#committed.size === 0) process.nextTick(() => this.#publish());
    const entry = this.#committed.get(room_id) ?? { epoch, events: [] };
    entry.events.push(event);
    this.#committed.set(room_id, entry);
  }

  #publish(): void {
    const committed = this.#committed;
    this.#committed = new Map();
    try {
      this.#bus.publish([...committed].map(([room_id, { epoch, events }]) => ({ room_id, epoch, events })));
    } catch (error) {
      // A store or bus of somebody else's may have made the events: what is wrong with them must not end the process.
      this.#logger.error({ err: error }, "what was stored could not be told");
    }
  }

  #onHints(hints: readonly Hint[]): void {
    const told = hints.flatMap(({ room_id, epoch, events }) => {
      const room = this.#rooms.get(room_id);
      return room?.epoch === epoch ? [{ room, events }] : [];
    });
    // Where few read, they have it before the many of a large room do.
    told.sort((one, other) => one.room.subscriptions.size - other.room.subscriptions.size);
    for (const { room, events } of told) {
      if (!room.deliver(events)) void this.#heal(room);
    }
  }

  async #heal(room: Room): Promise<void> {
    if (this.#healing.has(room)) return;
    this.#healing.add(room);
    try {
      for (;;) {
        const page = await this.#log.read({ room_id: room.room_id, after: room.head, limit: 500 });
        if (page === undefined || page.events.length === 0) return;
        // Asked for again, it would be answered the same, again and again.
        if (!room.deliver(page.events)) throw new Error(`the log no longer has what follows ${room.head}`);
      }
    } catch (error) {
      this.#logger.error({ err: error, room_id: room.room_id }, "could not read a gap from the log");
    } finally {
      this.#healing.delete(room);
    }
  }
}
