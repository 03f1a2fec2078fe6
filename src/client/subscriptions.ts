import type { CallRecord } from "../protocol/call.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { Command, CommandPayload, ResumePoint } from "../protocol/command.js";
import type { UnknownEvent } from "../protocol/durable-event.js";
import { durableOf } from "../protocol/event.js";
import type { ServerFrame } from "../protocol/frame.js";
import { LIMITS } from "../protocol/limits.js";
import type { RoomId } from "../protocol/room-id.js";
import { ROOM_TOPICS, type Topic } from "../protocol/topic.js";
import { retryDelay } from "./backoff.js";
import type { Connected, Listeners, RoomAdvance, RoomSubscribed } from "./client-callbacks.js";
import { ClientError } from "./client-error.js";
import type { Cancel } from "./platform.js";
import type { RequestPort } from "./requests.js";
import { Rooms, type RoomsOwner } from "./rooms.js";

/** What the subscriptions need of the client. */
export interface SubscriptionsPort extends RequestPort {
  readonly listeners: Listeners;
  deliver(message: ChatMessage): void;
  recorded(record: CallRecord): void;
}

/** A hub that was restored, or a live event that was lost, is asked about at once, in several rooms too. */
const FREE_ASKS = 4;
/** So long after the last question that brought nothing, such questions are rare again. */
const FORGIVEN_AFTER_MS = 60_000;

type Joining = { readonly resolve: () => void; readonly reject: (error: ClientError) => void };

/** The rooms on the wire: subscribes them, asks for what is missing, and tells who waits for a room to be live. */
export class Subscriptions implements RoomsOwner {
  readonly #port: SubscriptionsPort;
  readonly #rooms: Rooms;
  /** What concerns the user and no public room. */
  readonly #ownTopics: readonly Topic[];
  readonly #retries = new Set<Cancel>();
  #joining: Joining[] = [];
  #failures = 0;
  /** Questions in a row, for rooms that were not live in between, that brought nothing. */
  #vainAsks = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** Counts connections: what was asked on an earlier one is not asked again on this one by a retry. */
  #round = 0;

  constructor(
    port: SubscriptionsPort,
    wants: { readonly resume?: readonly ResumePoint[]; readonly calls?: boolean } = {},
  ) {
    this.#port = port;
    this.#rooms = new Rooms(this, wants.resume);
    this.#ownTopics = wants.calls === true ? ["user", "calls"] : ["user"];
  }

  get rooms(): Rooms {
    return this.#rooms;
  }

  /** Makes a room the current one; resolves when it is live, or, without a room, when the hub has let the client in. */
  enter(room_id: RoomId | undefined): Promise<void> {
    this.#rooms.enter(room_id);
    return new Promise((resolve, reject) => this.#joining.push({ resolve, reject }));
  }

  /** Subscribes the current room on a connection that is already there. */
  subscribeCurrent(): void {
    const { current } = this.#rooms;
    if (current === undefined) return;
    const payload = { topics: [...ROOM_TOPICS], filters: { conversation_id: current } };
    this.#subscribe({ ...payload, resume: [this.#rooms.pointOf(current)] }, () => this.subscribeCurrent());
  }

  /** Leaves a room; resolves when the hub has heard it, or `withinMs` have passed. */
  leave(room_id: RoomId, withinMs: number): Promise<void> {
    const payload = { topics: [...ROOM_TOPICS], filters: { conversation_id: room_id } };
    const { runtime } = this.#port;
    return new Promise((resolve) => {
      const cancel = runtime.setTimer(resolve, withinMs);
      const finish = (): void => {
        cancel();
        resolve();
      };
      const command: Command = { id: runtime.newId(), type: "unsubscribe", payload };
      if (!this.#port.request(command, { onAnswer: finish, onFailure: finish })) finish();
    });
  }

  onReady(connected: Connected): void {
    const { current } = this.#rooms;
    this.#rooms.readsStored = connected.user.claimed;
    if (current === undefined) this.#joined();
    // Single commands need no subscription.
    if (current === undefined && !this.#ownTopics.includes("calls")) return;
    const maxRooms = Math.min(connected.limits.max_rooms, LIMITS.maxRoomsPerConnection);
    const room = current === undefined ? {} : { filters: { conversation_id: current } };
    const topics = current === undefined ? [...this.#ownTopics] : [...this.#ownTopics, ...ROOM_TOPICS];
    const resume = [...this.#rooms.resumePoints(maxRooms)];
    this.#subscribe({ topics, ...room, resume }, () => this.onReady(connected));
  }

  /** The connection is gone: call before its requests are failed. */
  onLost(): void {
    this.#round += 1;
    this.#rooms.lose();
    for (const cancel of this.#retries) cancel();
    this.#retries.clear();
  }

  /** It will not come back. */
  end(error: ClientError): void {
    this.onLost();
    this.#fail(error);
  }

  take(frame: ServerFrame): void {
    const event = durableOf(frame);
    if (event !== undefined) this.#rooms.takeEvent(event);
    if (frame.type === "mark.forgotten") this.#rooms.forget(frame.payload.room_id);
    if (frame.type === "subscribed") for (const result of frame.payload.rooms) this.#rooms.takeResult(result);
  }

  /** After progress it is asked on at once; without it after a pause that grows, for a faulty hub would never let it end. */
  ask(room_id: RoomId, hasProgress: boolean): void {
    const { runtime } = this.#port;
    if (runtime.elapsedMs() - this.#askedAtMs > FORGIVEN_AFTER_MS) this.#vainAsks = 0;
    if (!hasProgress) {
      this.#askedAtMs = runtime.elapsedMs();
      this.#vainAsks += 1;
      if (this.#vainAsks > FREE_ASKS) {
        this.#later(() => this.#askNow(room_id), retryDelay(this.#vainAsks - FREE_ASKS - 1, runtime));
        return;
      }
    }
    this.#askNow(room_id);
  }

  #askNow(room_id: RoomId): void {
    const payload = { topics: [...ROOM_TOPICS], resume: [this.#rooms.pointOf(room_id)] };
    this.#subscribe(payload, () => this.#askNow(room_id));
  }

  #later(act: () => void, delayMs: number): void {
    const cancel = this.#port.runtime.setTimer(() => {
      this.#retries.delete(cancel);
      act();
    }, delayMs);
    this.#retries.add(cancel);
  }

  /** An event of a newer hub, which this client has no word for. */
  takeUnknown(event: UnknownEvent): void {
    this.#rooms.takeEvent(event);
  }

  advance(advance: RoomAdvance): void {
    const { listeners } = this.#port;
    for (const { type, payload } of advance.events) {
      if (type === "message.new") {
        listeners.tell(({ onMessage }) => onMessage?.(payload, advance.origin));
        this.#port.deliver(payload);
      }
      if (type === "call.ended") {
        listeners.tell(({ onCallRecord }) => onCallRecord?.(payload, advance.origin));
        this.#port.recorded(payload);
      }
    }
    listeners.tell(({ onAdvance }) => onAdvance?.(advance));
  }

  forgotten(room_id: RoomId): void {
    this.#port.listeners.tell(({ onReset }) => onReset?.(room_id));
  }

  denied(room_id: RoomId): void {
    this.#port.listeners.tell(({ onDenied }) => onDenied?.(room_id));
    if (room_id !== this.#rooms.current) return;
    this.#rooms.enter(undefined);
    this.#fail(new ClientError("forbidden", `the server does not let you into ${room_id}`));
  }

  subscribed(room: RoomSubscribed): void {
    this.#failures = 0;
    this.#port.listeners.tell(({ onSubscribed }) => onSubscribed?.(room));
    if (room.room_id === this.#rooms.current) this.#joined();
  }

  #subscribe(payload: CommandPayload<"subscribe">, again: () => void): void {
    const asked = (payload.resume ?? []).map((point) => point.room_id);
    const round = this.#round;
    const sent = this.#port.request(
      { id: this.#port.runtime.newId(), type: "subscribe", payload },
      {
        // The rooms are taken from every `subscribed`, awaited or late, as it arrives; nothing is left to do here.
        onAnswer: () => {},
        onFailure: (error) => {
          if (round === this.#round) this.#onFailure(error, asked, again);
        },
      },
    );
    if (!sent) this.#rooms.stopAsking(asked);
  }

  #onFailure(error: ClientError, asked: readonly RoomId[], again: () => void): void {
    this.#rooms.stopAsking(asked);
    if (!error.retryable) {
      this.#port.listeners.fault(error);
      if (asked.some((room_id) => room_id === this.#rooms.current)) this.#fail(error);
      return;
    }
    if (error.code === "timeout") this.#port.probe();
    const { random } = this.#port.runtime;
    this.#later(again, retryDelay(this.#failures, { random, retry_after_ms: error.retry_after_ms }));
    this.#failures += 1;
  }

  #joined(): void {
    for (const { resolve } of this.#joining.splice(0)) resolve();
  }

  #fail(error: ClientError): void {
    for (const { reject } of this.#joining.splice(0)) reject(error);
  }
}
