import { ClientError } from "../client/client-error.js";
import { type Cancel, platformRuntime, type Runtime } from "../client/platform.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { Marks } from "../chat/chat-state.js";
import type { ResumeResult } from "../protocol/event.js";
import type { ServerFrame } from "../protocol/frame.js";
import { LIMITS } from "../protocol/limits.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import type { SessionFeature, SessionParts } from "./session-parts.js";
import type { ChatStore } from "./store.js";

type MarkingParts = Pick<SessionParts, "cache" | "send_receipts" | "startTimer"> & {
  readonly store: ChatStore;
  readonly client: () => WebSocketClient;
};

type LiveRoom = Extract<ResumeResult, { readonly status: "ok" }>;

/** A room's marks are sent at most this often: the first at once, then the highest of each rest. */
const REST_MS = 1000;
/** After the hub could not take a mark, unless it says how long. */
const PAUSE_MS = 5000;
const MAX_ROOMS = LIMITS.maxRoomsPerConnection;

const NONE: Marks = { delivered: 0, read: 0 };

/**
 * What this person has received and read, towards the hub: direct messages are marked as delivered when they have come
 * in, rooms as read when a view says so. What could not be sent is sent with the next connection, or by the next run.
 */
export class Marking implements SessionFeature {
  readonly #parts: MarkingParts;
  readonly #startTimer: Runtime["setTimer"];
  readonly #wanted = new Map<RoomId, Marks>();
  /** What the hub knows of the rooms that are live on this connection: only there do the numbers count for sure. */
  readonly #known = new Map<RoomId, Marks>();
  readonly #resting = new Map<RoomId, Cancel>();
  #pause: Cancel | undefined;
  /** The hub is older than marks. */
  #isUnknown = false;
  #isStopped = false;

  constructor(parts: MarkingParts) {
    this.#parts = parts;
    this.#startTimer = parts.startTimer ?? platformRuntime.setTimer;
  }

  take(frame: ServerFrame): void {
    const { store } = this.#parts;
    const { type, payload } = frame;
    if (type === "subscribed") for (const result of payload.rooms) this.#opened(result);
    if (type === "marked") this.#learn(payload.room_id, payload);
    if (type === "mark.forgotten") this.#unfollow(payload.room_id);
    if (type === "message.delivered" || type === "message.read") {
      const { room_id, user_id, seq } = payload;
      const marks = type === "message.read" ? { read: seq } : { delivered: seq };
      store.dispatch({ type: "marks.raised", room_id, user_id, marks });
    }
    if (type === "conversation.list") store.dispatch({ type: "conversations.listed", ...payload });
  }

  /** All of a room up to this seq has come in. */
  advanced(room_id: RoomId, seq: number): void {
    this.#parts.store.dispatch({ type: "room.advanced", room_id, seq });
    if (roomKind(room_id) === "direct") this.#delivered(room_id, seq);
    // The first that is said in a room which was empty when it was entered.
    else if (this.#known.get(room_id)?.delivered === 0) this.#want(room_id, { delivered: seq, read: 0 });
  }

  /** A message of one's own has this number: it is read, if everything before it was. */
  wrote(room_id: RoomId, seq: number): void {
    const read = this.#parts.store.getState().rooms.get(room_id)?.marks?.read ?? 0;
    if (read === seq - 1) this.read(room_id, seq);
  }

  /** A view has shown everything in a room up to this seq to somebody who looks at it. */
  read(room_id: RoomId, seq: number): void {
    if (seq <= (this.#wanted.get(room_id)?.read ?? 0)) return;
    this.#raise(room_id, { read: seq });
    this.#want(room_id, { delivered: seq, read: seq });
  }

  /** The connection is gone. */
  lost(): void {
    this.#known.clear();
  }

  /** What was known of the room no longer holds. */
  forget(room_id: RoomId): void {
    this.#wanted.delete(room_id);
    this.#known.delete(room_id);
  }

  /** Asks what is unread everywhere. Without an answer things stay as they are until the next time. */
  async ask(): Promise<void> {
    try {
      // The answer is taken as it comes, before what happens next.
      await this.#parts.client().conversations();
    } catch (error) {
      if (isUnknownType(error)) this.#isUnknown = true;
    }
  }

  /** Sends at once what waits for its turn: the connection is about to be closed. */
  flush(): void {
    this.stop();
    for (const room_id of this.#wanted.keys()) void this.#send(room_id);
  }

  /** Starts no timer any more, unless there is another connection. */
  stop(): void {
    this.#isStopped = true;
    this.#pause?.();
    this.#pause = undefined;
    for (const cancel of this.#resting.values()) cancel();
    this.#resting.clear();
  }

  /** A room is live. What was read meanwhile, or by an earlier run without a connection, the hub learns now. */
  #opened(result: ResumeResult): void {
    if (result.status !== "ok") return;
    this.#isStopped = false;
    const { room_id, epoch, head } = result;
    const mine = this.#takeMarks(result);
    keep(this.#known, room_id, mine);
    const cached = this.#parts.cache.read(room_id, { limit: 0 });
    if (cached?.epoch === epoch && cached.read_upto > mine.read) this.read(room_id, cached.read_upto);
    if (roomKind(room_id) === "direct") this.#delivered(room_id, head);
    void this.#send(room_id);
  }

  /** One's own marks, as the hub knows them. */
  #takeMarks(result: LiveRoom): Marks {
    const { room_id, marks = [] } = result;
    const { user_id } = this.#parts.store.getState().self;
    for (const { user_id: whose, delivered, read } of marks) {
      this.#parts.store.dispatch({ type: "marks.raised", room_id, user_id: whose, marks: { delivered, read } });
    }
    const mine = marks.find((mark) => mark.user_id === user_id);
    if (mine === undefined) this.#follow(result);
    return mine ?? NONE;
  }

  /** The hub tells what is unread of rooms with a mark of one's own: the first visit makes one, however short it is. */
  #follow(result: LiveRoom): void {
    const seen = this.#seenBefore(result);
    this.#raise(result.room_id, seen);
    if (seen.delivered > 0) keep(this.#wanted, result.room_id, seen);
  }

  /** Where one has never marked anything: in a public room only what came since the last visit is unread. */
  #seenBefore({ room_id, epoch, head }: LiveRoom): Marks {
    if (roomKind(room_id) === "direct") return NONE;
    const point = this.#parts.cache.points().find((each) => each.room_id === room_id && each.epoch === epoch);
    const seen = Math.min(head, point?.seq ?? head);
    return { delivered: seen, read: seen };
  }

  /** A device of one's own has left the room for good. Direct rooms keep their history: they are heard of again. */
  #unfollow(room_id: RoomId): void {
    this.forget(room_id);
    if (roomKind(room_id) === "public") this.#useCache((cache) => cache.forget(room_id));
    this.#parts.store.dispatch({ type: "room.left", room_id });
  }

  #delivered(room_id: RoomId, seq: number): void {
    if (this.#parts.send_receipts !== false) this.#want(room_id, { delivered: seq, read: 0 });
  }

  /** The hub says how far oneself is, by whichever device. */
  #learn(room_id: RoomId, { delivered, read }: Marks): void {
    keep(this.#known, room_id, { delivered, read });
    this.#cache(room_id, read);
    this.#raise(room_id, { delivered, read });
  }

  #raise(room_id: RoomId, marks: Partial<Marks>): void {
    const { store } = this.#parts;
    store.dispatch({ type: "marks.raised", room_id, user_id: store.getState().self.user_id, marks });
  }

  #want(room_id: RoomId, marks: Marks): void {
    keep(this.#wanted, room_id, marks);
    if (!this.#resting.has(room_id)) void this.#send(room_id);
  }

  async #send(room_id: RoomId): Promise<void> {
    const { delivered, read } = this.#wanted.get(room_id) ?? NONE;
    const known = this.#known.get(room_id);
    if (known === undefined) return this.#cache(room_id, read);
    if (this.#isUnknown || this.#pause !== undefined) return;
    const client = this.#parts.client();
    const isPrivate = this.#parts.send_receipts === false;
    // The answer is taken as it comes: `known` rises by it.
    if (read > known.read) await this.#try(room_id, client.markRead(room_id, read, { private: isPrivate }));
    else if (delivered > known.delivered) await this.#try(room_id, client.markDelivered(room_id, delivered));
  }

  async #try(room_id: RoomId, asked: Promise<unknown>): Promise<void> {
    this.#rest(room_id);
    try {
      await asked;
    } catch (error) {
      if (error instanceof ClientError && error.failure !== undefined) this.#onRefusal(room_id, error);
      // What became of the connection is no answer to the mark: it is sent again when the room is live again.
      else this.#cache(room_id, this.#wanted.get(room_id)?.read ?? 0);
    }
  }

  #rest(room_id: RoomId): void {
    if (this.#isStopped) return;
    this.#resting.get(room_id)?.();
    const cancel = this.#startTimer(() => {
      this.#resting.delete(room_id);
      void this.#send(room_id);
    }, REST_MS);
    this.#resting.set(room_id, cancel);
  }

  #onRefusal(room_id: RoomId, error: ClientError): void {
    if (isUnknownType(error)) this.#isUnknown = true;
    if (!error.retryable) {
      this.#wanted.delete(room_id);
      return;
    }
    if (this.#isStopped) return;
    this.#pause ??= this.#startTimer(() => {
      this.#pause = undefined;
      for (const waiting of this.#wanted.keys()) if (!this.#resting.has(waiting)) void this.#send(waiting);
    }, error.retry_after_ms ?? PAUSE_MS);
  }

  #cache(room_id: RoomId, read: number): void {
    if (read > 0) this.#useCache((cache) => cache.mark(room_id, read));
  }

  #useCache(write: (cache: MarkingParts["cache"]) => void): void {
    try {
      write(this.#parts.cache);
    } catch {
      // A cache that cannot be written costs nothing but an unread line after a start without the hub.
    }
  }
}

/** Raises what a map holds for a room; of many rooms the one raised longest ago is forgotten. */
function keep(map: Map<RoomId, Marks>, room_id: RoomId, { delivered, read }: Marks): void {
  const before = map.get(room_id) ?? NONE;
  map.delete(room_id);
  map.set(room_id, { delivered: Math.max(before.delivered, delivered), read: Math.max(before.read, read) });
  const [oldest] = map.keys();
  if (map.size > MAX_ROOMS && oldest !== undefined) map.delete(oldest);
}

function isUnknownType(error: unknown): boolean {
  return error instanceof ClientError && error.code === "unknown_type";
}
