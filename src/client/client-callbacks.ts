import type { CallRecord } from "../protocol/call.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { JsonObject } from "../protocol/custom.js";
import type { LoggedEvent } from "../protocol/durable-event.js";
import type { EventPayload, User } from "../protocol/event.js";
import type { ServerFrame } from "../protocol/frame.js";
import type { Mark } from "../protocol/mark.js";
import type { Presence } from "../protocol/presence.js";
import type { RoomId } from "../protocol/room-id.js";
import { ClientError } from "./client-error.js";

/** What the hub said when it let the client in. */
export type Connected = EventPayload<"connected">;

/**
 * `retry_at` is Unix milliseconds; `attempt` counts the attempts since the connection last held; `error` says why a client
 * is `waiting`.
 */
export type ClientState = {
  readonly status: "connecting" | "ready" | "waiting" | "closed";
  readonly attempt: number;
  readonly retry_at?: number;
  readonly error?: ClientError;
};

/** Where an event came from: as it happened, or out of the log after a resume. */
export type Origin = "live" | "resume";

export type PresenceChange = EventPayload<"presence.online"> & {
  readonly type: "presence.online" | "presence.offline";
};

/** Somebody else has received, or read, a room up to `seq`. */
export type Receipt = EventPayload<"message.read"> & { readonly type: "message.delivered" | "message.read" };

/** Somebody types, or does not any more; `expires_in_ms` says when a start ends by itself. */
export type TypingChange = EventPayload<"typing.start"> & { readonly type: "typing.start" | "typing.stop" };

type CallSignalType = "call.incoming" | "call.offer" | "call.answer" | "call.ice" | "call.ended";

/** What a device of a call is told; docs/protocol.md says what each means. */
export type CallSignal = { [T in CallSignalType]: { readonly type: T } & EventPayload<T> }[CallSignalType];

/**
 * The point a room has been brought to, and what led there: all that its log holds above `after`. `epoch` is empty for a
 * room that is heard live only: a direct room of a guest without a key.
 */
export type RoomAdvance = {
  readonly room_id: RoomId;
  readonly epoch: string;
  readonly after: number;
  readonly seq: number;
  readonly events: readonly LoggedEvent[];
  /** The messages among the events. */
  readonly messages: readonly ChatMessage[];
  readonly origin: Origin;
};

/**
 * A room has become live. `members` are the two of a direct room; `marks` are how far they, or elsewhere oneself, have
 * received and read it, without those who have marked nothing.
 */
export type RoomSubscribed = {
  readonly room_id: RoomId;
  readonly epoch: string;
  readonly head: number;
  readonly members?: readonly User[] | undefined;
  readonly marks?: readonly Mark[] | undefined;
};

/** A break, or the end of the connection. `error` is absent after `disconnect()`. */
export type Disconnected = { readonly error?: ClientError; readonly will_reconnect: boolean };

/**
 * Who wants to hear of what. Each message comes to `onMessage`, and each call that is over to `onCallRecord`, once and in
 * order, per room; `onAdvance` follows those of one frame. What a callback throws goes to `onError`; what `onError` throws is dropped.
 */
export type ClientCallbacks = {
  readonly onMessage?: (message: ChatMessage, origin: Origin) => unknown;
  readonly onAdvance?: (advance: RoomAdvance) => unknown;
  /** Failures that answer no request, and exceptions of other callbacks. */
  readonly onError?: (error: ClientError) => unknown;
  /** After the first connection and after each reconnect, before rooms are subscribed. */
  readonly onConnect?: (connected: Connected) => unknown;
  /** The server knows this id by `key` now: the option `formerKey` is not needed there any more. */
  readonly onKeyReplaced?: () => unknown;
  readonly onDisconnect?: (disconnected: Disconnected) => unknown;
  readonly onPresence?: (change: PresenceChange) => unknown;
  /** The people in a room, when it is subscribed; those there are more of are asked for by `presence`. */
  readonly onPeople?: (people: EventPayload<"presence.state">) => unknown;
  /** How many people are in a large room, which does not tell who comes and goes. */
  readonly onCount?: (count: EventPayload<"presence.count">) => unknown;
  /** Status, note or name of somebody, which may be oneself on another device. */
  readonly onStatus?: (person: Presence) => unknown;
  /** Another device of one's own has read a room. */
  readonly onMarked?: (marked: EventPayload<"marked">) => unknown;
  /** A device of one's own has forgotten the mark of a room: it is followed no longer. */
  readonly onMarkForgotten?: (room_id: RoomId) => unknown;
  readonly onReceipt?: (receipt: Receipt) => unknown;
  readonly onTyping?: (change: TypingChange) => unknown;
  /** A call rings here, or something is said in one. Calls come to those who ask for them (option `calls`). */
  readonly onCall?: (signal: CallSignal) => unknown;
  /** What a direct room keeps of a call, also of one that nobody here could answer. */
  readonly onCallRecord?: (record: CallRecord, origin: Origin) => unknown;
  readonly onState?: (state: ClientState) => unknown;
  /** What was known of the room no longer holds: forget its messages; what comes next starts anew. */
  readonly onReset?: (room_id: RoomId) => unknown;
  readonly onDenied?: (room_id: RoomId) => unknown;
  readonly onSubscribed?: (room: RoomSubscribed) => unknown;
  /** Something the program around the hub says, of a type of its own and as it came: whoever shows it makes it safe. */
  readonly onCustom?: (type: string, payload: JsonObject) => unknown;
  /** Every frame of the hub's own, before it is acted on. */
  readonly onEvent?: (frame: ServerFrame) => unknown;
};

/** The callbacks as they are now; calling them never throws. */
export class Listeners {
  #callbacks: ClientCallbacks = {};

  merge(callbacks: ClientCallbacks): void {
    this.#callbacks = { ...this.#callbacks, ...callbacks };
  }

  tell(call: (callbacks: ClientCallbacks) => unknown): void {
    try {
      const returned = call(this.#callbacks);
      if (returned instanceof Promise) returned.catch((error: unknown) => this.fault(error));
    } catch (error) {
      this.fault(error);
    }
  }

  /** Reports an error to `onError`. */
  fault(error: unknown): void {
    const known = error instanceof ClientError ? error : calledBackInVain(error);
    try {
      const returned = this.#callbacks.onError?.(known);
      // As below: a failing onError has nobody left to tell.
      if (returned instanceof Promise) returned.catch(() => {});
    } catch {
      // onError itself failed, and there is nobody left to tell; the connection must not suffer from it.
    }
  }
}

function calledBackInVain(cause: unknown): ClientError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ClientError("internal", `a callback of the client threw: ${text}`, { cause });
}
