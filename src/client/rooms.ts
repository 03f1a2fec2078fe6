import type { ChatMessage } from "../protocol/chat-message.js";
import type { ResumePoint } from "../protocol/command.js";
import { type LoggedEvent, messagesOf } from "../protocol/durable-event.js";
import type { ResumeResult } from "../protocol/event.js";
import { LIMITS } from "../protocol/limits.js";
import { parseRoomId, ROOM_RULE, type RoomId, roomKind } from "../protocol/room-id.js";
import type { Origin, RoomAdvance, RoomSubscribed } from "./client-callbacks.js";
import { ClientError } from "./client-error.js";
import { HEARD_ONLY, type RoomLog, type Step, takeHeard, takeLive, takeResume } from "./room-log.js";

/** What the rooms tell their owner. `ask` is to answer by a subscribe with `pointOf(room_id)`. */
export interface RoomsOwner {
  ask(room_id: RoomId, hasProgress: boolean): void;
  advance(advance: RoomAdvance): void;
  forgotten(room_id: RoomId): void;
  denied(room_id: RoomId): void;
  subscribed(room: RoomSubscribed): void;
}

/** Rooms remembered at once, and the last messages kept of each. */
const MAX_ROOMS = LIMITS.maxRoomsPerConnection;
const MAX_RECENT = 200;

/**
 * Where one client stands in all its rooms: the current one, and its direct rooms, which reach it wherever it is. A room
 * that was left keeps its position, so that coming back brings what was missed.
 */
export class Rooms {
  readonly #owner: RoomsOwner;
  readonly #logs = new Map<RoomId, RoomLog>();
  /** Whether the hub lets this client read stored messages of direct rooms; a guest without a key hears the live ones. */
  readsStored = true;
  #current: RoomId | undefined;
  #recent: readonly ChatMessage[] = [];

  constructor(owner: RoomsOwner, resume: readonly ResumePoint[] = []) {
    this.#owner = owner;
    for (const { room_id, epoch, seq } of resume) {
      if (epoch !== undefined && seq !== undefined) this.#keep({ room_id, position: { epoch, seq }, asking: false });
    }
  }

  get current(): RoomId | undefined {
    return this.#current;
  }

  get recentMessages(): readonly ChatMessage[] {
    return this.#recent;
  }

  /** Makes a room the current one; undefined for none. */
  enter(room_id: RoomId | undefined): void {
    if (room_id !== this.#current) this.#recent = [];
    this.#current = room_id;
  }

  /** A public room that was left is followed no longer: coming back starts anew. */
  forget(room_id: RoomId): void {
    if (!this.#concerns(room_id)) this.#logs.delete(room_id);
  }

  /** Every room with a known position. */
  points(): readonly Required<ResumePoint>[] {
    return [...this.#logs.values()]
      .filter(isResumable)
      .flatMap(({ room_id, position }) => (position === undefined ? [] : [{ room_id, ...position }]));
  }

  /** The points a new connection resumes from, the current room first; all of them count as asked for. */
  resumePoints(maxRooms: number): readonly ResumePoint[] {
    const others = [...this.#logs.values()].filter(
      (log) => log.room_id !== this.#current && this.#concerns(log.room_id),
    );
    const room_ids = others.filter(isResumable).map((log) => log.room_id);
    if (this.#current !== undefined) room_ids.unshift(this.#current);
    return room_ids.slice(0, maxRooms).map((room_id) => this.pointOf(room_id));
  }

  /** The point to resume one room from; it counts as asked for. */
  pointOf(room_id: RoomId): ResumePoint {
    const log = this.#logs.get(room_id) ?? { room_id, asking: true };
    this.#keep({ ...log, asking: true });
    return log.position === undefined ? { room_id } : { room_id, ...log.position };
  }

  /** No answer will come: the connection is gone, or the hub refused to answer. */
  stopAsking(room_ids: readonly RoomId[] = [...this.#logs.keys()]): void {
    for (const room_id of room_ids) {
      const log = this.#logs.get(room_id);
      if (log !== undefined) this.#logs.set(room_id, { ...log, asking: false });
    }
  }

  /** The connection is gone, and with it what nobody can be asked for. */
  lose(): void {
    for (const { room_id, position } of this.#logs.values()) {
      if (position?.epoch === HEARD_ONLY) this.#logs.delete(room_id);
    }
    this.stopAsking();
  }

  takeEvent(event: LoggedEvent): void {
    const { room_id } = event.payload;
    if (!this.#concerns(room_id)) return;
    const log = this.#logs.get(room_id) ?? { room_id, asking: false };
    const isHeardOnly = !this.readsStored && roomKind(room_id) !== "public";
    this.#act(isHeardOnly ? takeHeard(log, event) : takeLive(log, event), "live");
  }

  takeResult(result: ResumeResult): void {
    const room_id = parseRoomId(result.room_id);
    if (room_id === undefined || !this.#concerns(room_id)) return;
    this.#act(takeResume(this.#logs.get(room_id) ?? { room_id, asking: true }, result), "resume");
    if (result.status === "denied") {
      this.#logs.delete(room_id);
      this.#owner.denied(room_id);
    }
    const { asking = true } = this.#logs.get(room_id) ?? {};
    if (result.status === "ok" && !asking) this.#owner.subscribed(result);
  }

  #act(step: Step, origin: Origin): void {
    const { room_id, position } = step.log;
    this.#keep(step.log);
    if (step.forgotten) {
      if (room_id === this.#current) this.#recent = [];
      this.#owner.forgotten(room_id);
    }
    const messages = messagesOf(step.events);
    if (room_id === this.#current && messages.length > 0) {
      this.#recent = [...this.#recent, ...messages].slice(-MAX_RECENT);
    }
    const [first] = step.events;
    if (first !== undefined && position !== undefined) {
      const after = first.payload.seq - 1;
      this.#owner.advance({ room_id, ...position, after, events: step.events, messages, origin });
    }
    if (step.ask) this.#owner.ask(room_id, step.events.length > 0);
  }

  /** Public rooms concern the client while it is in them; the others whenever they have something to say. */
  #concerns(room_id: RoomId): boolean {
    return room_id === this.#current || roomKind(room_id) !== "public";
  }

  #keep(log: RoomLog): void {
    this.#logs.delete(log.room_id);
    this.#logs.set(log.room_id, log);
    if (this.#logs.size <= MAX_ROOMS) return;
    // The map's order is that of use: the room that was silent longest goes first.
    for (const room_id of this.#logs.keys()) {
      if (room_id === this.#current) continue;
      this.#logs.delete(room_id);
      return;
    }
  }
}

function isResumable({ position }: RoomLog): boolean {
  return position !== undefined && position.epoch !== HEARD_ONLY;
}

/** The room a person or program names. Throws ClientError. */
export function roomOf(text: string): RoomId {
  const room_id = parseRoomId(text);
  if (room_id === undefined) throw new ClientError("bad_payload", `${JSON.stringify(text)} is no room: ${ROOM_RULE}`);
  return room_id;
}
