import type { CommandPayload, CommandType } from "../protocol/command.js";
import { type CustomCommand, type CustomType, customTypeFault, type JsonObject } from "../protocol/custom.js";
import type { EventPayload, EventType } from "../protocol/event.js";
import type { Conversation } from "../protocol/mark.js";
import type { OwnStatus, Presence } from "../protocol/presence.js";
import type { RoomId } from "../protocol/room-id.js";
import { ClientError } from "./client-error.js";
import type { Runtime } from "./platform.js";
import { type Answer, type CustomAnswer, customPromiseOf, promiseOf } from "./requests.js";
import { TypingNotices } from "./typing-notices.js";

/** A command before it has got the name of its request. */
export type NamelessCommand = {
  [T in CommandType]: { readonly type: T; readonly payload: CommandPayload<T> };
}[CommandType];

/** What two sides say to each other of their media, such as an RTCSessionDescription; nobody between looks into it. */
export type CallSdp = CommandPayload<"call.offer">["sdp"];
export type CallCandidate = CommandPayload<"call.ice">["candidate"];
export type CallAck = EventPayload<"call.ack">;
export type CallOptions = { readonly call_id?: string; readonly media?: "audio" | "video" };

export type NamelessCustom = Omit<CustomCommand, "id">;

/**
 * What a client may ask the hub beside sending messages. Each rejects with ClientError: what the hub answered,
 * `unreachable`, or `timeout`.
 */
export abstract class ClientCommands {
  protected abstract readonly runtime: Runtime;
  readonly #typing = new TypingNotices({
    runtime: () => this.runtime,
    say: (type, room_id) => this.tell({ type, payload: { room_id } }),
  });

  async history(payload: CommandPayload<"history.get">): Promise<EventPayload<"history.page">> {
    return this.ask("history.page", { type: "history.get", payload });
  }

  async rooms(): Promise<EventPayload<"room.list">> {
    return this.ask("room.list", { type: "room.list", payload: {} });
  }

  /** Who is online, in one room or in all. */
  async members(room_id?: RoomId): Promise<EventPayload<"room.members">> {
    return this.ask("room.members", { type: "room.members", payload: room_id === undefined ? {} : { room_id } });
  }

  /** Who is there and how: in a room, of these people, or everybody online; a page at a time. */
  async presence(query: CommandPayload<"presence.query"> = {}): Promise<EventPayload<"presence.state">> {
    return this.ask("presence.state", { type: "presence.query", payload: query });
  }

  /** Sets one's status on all devices; a note stays as it is without another, and goes with an empty one. */
  async setPresence(status: OwnStatus, note?: string): Promise<Presence> {
    return this.#update(note === undefined ? { status } : { status, note });
  }

  async setNote(note: string): Promise<Presence> {
    return this.#update({ note });
  }

  /** Nobody uses this client at the moment, or somebody does again: who is `online` and idle everywhere appears away. */
  async setIdle(idle: boolean): Promise<Presence> {
    return this.#update({ idle });
  }

  /** To be called with every change of what is being written: others are told now and then, and of the end. */
  typing(room_id: RoomId, isTyping: boolean): void {
    this.#typing.changed(room_id, isTyping);
  }

  /** Everything up to `seq` has arrived. Resolves when that is stored, with where one stands; marks only ever rise. */
  async markDelivered(room_id: RoomId, seq: number): Promise<EventPayload<"marked">> {
    return this.ask("marked", { type: "mark.delivered", payload: { room_id, seq } });
  }

  /** Everything up to `seq` is read. `private`: nobody but one's own devices is told. */
  async markRead(
    room_id: RoomId,
    seq: number,
    options: { readonly private?: boolean } = {},
  ): Promise<EventPayload<"marked">> {
    const payload = { room_id, seq, ...(options.private === true ? { private: true } : {}) };
    return this.ask("marked", { type: "mark.read", payload });
  }

  /** One's mark of a room goes: it is no longer among the `conversations`, until something is marked in it again. */
  async forgetMark(room_id: RoomId): Promise<void> {
    await this.ask("mark.forgotten", { type: "mark.forget", payload: { room_id } });
  }

  /** One's direct rooms and the rooms one has marked something in, the latest first, with what is unread. */
  async conversations(limit?: number): Promise<readonly Conversation[]> {
    const payload = limit === undefined ? {} : { limit };
    return (await this.ask("conversation.list", { type: "conversation.list", payload })).conversations;
  }

  /**
   * Asks the program the hub is embedded in: a command of a type of its own, such as `game.move`. Resolves with whatever
   * it answers, as it came; rejects with `unknown_type` if it has no handler for this.
   */
  async request(type: string, payload: JsonObject = {}): Promise<CustomAnswer> {
    const fault = customTypeFault(type);
    if (fault !== undefined) throw new ClientError("bad_payload", `${JSON.stringify(type)} cannot be asked: ${fault}`);
    // What has no fault is one.
    const command = { type: "custom" as const, name: type as CustomType, payload };
    return customPromiseOf((answer) => this.put(command, answer));
  }

  /**
   * Calls somebody, by id or name. Resolves when it rings, or is over (`ended`: busy, or nobody to be rung; `onCall` and
   * `onCallRecord` tell why). The answer and everything later come by `onCall`, for which the option `calls` is needed.
   */
  async call(to: string, sdp: CallSdp, options: CallOptions = {}): Promise<CallAck> {
    const { call_id = this.runtime.newId(), media } = options;
    const payload = { call_id, to, sdp, ...(media === undefined ? {} : { media }) };
    return this.ask("call.ack", { type: "call.offer", payload });
  }

  /** Answers a call that rings, or another offer within one. Rejects with `unknown_call` if another device was first. */
  async answerCall(call_id: string, sdp: CallSdp): Promise<CallAck> {
    return this.ask("call.ack", { type: "call.answer", payload: { call_id, sdp } });
  }

  /** Offers anew within a call, such as to add video or after the network has changed. */
  async offerAgain(call_id: string, sdp: CallSdp): Promise<CallAck> {
    return this.ask("call.ack", { type: "call.offer", payload: { call_id, sdp } });
  }

  /** Tells the other side of a way to reach this one; null is the end of them. May be sent before the answer. */
  async sendCandidate(call_id: string, candidate: CallCandidate): Promise<CallAck> {
    return this.ask("call.ack", { type: "call.ice", payload: { call_id, candidate } });
  }

  /** Ends a call; before the answer, whoever is called declines it by that. */
  async hangUp(call_id: string, reason?: CommandPayload<"call.hangup">["reason"]): Promise<CallAck> {
    const payload = reason === undefined ? { call_id } : { call_id, reason };
    return this.ask("call.ack", { type: "call.hangup", payload });
  }

  /** The round trip to the server and back, in milliseconds. */
  async ping(): Promise<number> {
    const sentAtMs = this.runtime.elapsedMs();
    await this.ask("pong", { type: "ping", payload: {} });
    return this.runtime.elapsedMs() - sentAtMs;
  }

  async #update(payload: CommandPayload<"presence.update">): Promise<Presence> {
    const { users } = await this.ask("presence.state", { type: "presence.update", payload });
    const [me] = users;
    if (me === undefined) throw new ClientError("incompatible", "the server did not say how one appears");
    return me;
  }

  /** Sends a command and resolves with the payload of its answer, which is of this type. */
  protected ask<T extends EventType>(type: T, command: NamelessCommand): Promise<EventPayload<T>> {
    return promiseOf(type, (answer) => this.put(command, answer));
  }

  /** Sends a command and hands on its answer, or why there is none. */
  protected abstract put(command: NamelessCommand | NamelessCustom, answer: Answer): void;

  /** The client is closed: nothing more is to be said by itself. */
  protected endTyping(): void {
    this.#typing.end();
  }

  /** Sends a command that has no answer; without a connection it is dropped. */
  protected abstract tell(command: NamelessCommand): void;
}
