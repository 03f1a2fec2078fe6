import type { CallRecord } from "../protocol/call.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { Command, ResumePoint } from "../protocol/command.js";
import type { CustomCommand } from "../protocol/custom.js";
import type { CustomFrame, ServerFrame } from "../protocol/frame.js";
import type { RoomId } from "../protocol/room-id.js";
import { CallPlaces } from "./call-places.js";
import { type ClientCallbacks, type ClientState, type Connected, Listeners } from "./client-callbacks.js";
import { ClientCommands, type NamelessCommand, type NamelessCustom } from "./client-commands.js";
import { ClientKey } from "./client-key.js";
import { ClientError, notConnected } from "./client-error.js";
import { type ClientArguments, type ClientOptions, type SendOptions, splitArguments } from "./client-options.js";
import { Connection, type Signal } from "./connection.js";
import { MessageStream } from "./message-stream.js";
import { openPlatformSocket, platformRuntime, type Runtime } from "./platform.js";
import { type Answer, Requests } from "./requests.js";
import { roomOf } from "./rooms.js";
import { type Ack, outgoingOf, SendQueue } from "./send-queue.js";
import { endpointUrl } from "./socket.js";
import { Subscriptions } from "./subscriptions.js";
import { tellFrame } from "./tell-frame.js";

/** What a reader of `messages()` may leave unread. */
const MAX_UNREAD = 5000;
const LEAVE_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A chat client that comes back by itself: it reconnects, resumes its rooms without gap or repetition, and sends again
 * what was not acknowledged. It starts nothing before `connect`.
 */
export class WebSocketClient extends ClientCommands {
  readonly #serverUrl: string;
  readonly #user: { readonly userId: string | undefined; readonly username: string | undefined };
  readonly #options: ClientOptions;
  readonly #key: ClientKey;
  protected readonly runtime: Runtime;
  readonly #listeners = new Listeners();
  readonly #requests: Requests;
  readonly #sends: SendQueue;
  readonly #calls: CallPlaces;
  readonly #subscriptions: Subscriptions;
  readonly #streams = new Set<MessageStream<ChatMessage>>();
  #connection: Connection | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(...args: ClientArguments) {
    super();
    const { serverUrl, userId, username, options } = splitArguments(args);
    this.#serverUrl = serverUrl;
    this.#user = { userId, username };
    this.#options = options;
    this.#key = new ClientKey(options);
    this.runtime = options.runtime ?? platformRuntime;
    this.#requests = new Requests(this.runtime, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
    const port = {
      runtime: this.runtime,
      listeners: this.#listeners,
      request: (command: Command | CustomCommand, answer: Answer) => this.#expect(command, answer),
      probe: () => this.#connection?.probe(),
      deliver: (message: ChatMessage) => {
        for (const stream of this.#streams) stream.push(message);
      },
    };
    this.#sends = new SendQueue(port);
    this.#calls = new CallPlaces(port);
    const recorded = (record: CallRecord) => this.#calls.recorded(record);
    this.#subscriptions = new Subscriptions({ ...port, recorded }, options);
  }

  get state(): ClientState {
    return this.#connection?.state ?? { status: "closed", attempt: 0 };
  }

  get isConnected(): boolean {
    return this.state.status === "ready";
  }

  /** What the hub said on the present, or else the last, connection. */
  get connected(): Connected | undefined {
    return this.#connection?.connected;
  }

  get roomId(): RoomId | undefined {
    return this.#subscriptions.rooms.current;
  }

  /** The last 200 messages received in the current room since it was entered. */
  get recentMessages(): readonly ChatMessage[] {
    return this.#subscriptions.rooms.recentMessages;
  }

  /** Where to resume from: one point for every room received from so far. */
  get resumePoints(): readonly Required<ResumePoint>[] {
    return this.#subscriptions.rooms.points();
  }

  /** Adds to the callbacks set before, replacing those of the same name. */
  setCallbacks(callbacks: ClientCallbacks): void {
    this.#listeners.merge(callbacks);
  }

  /** Connects and joins a room; resolves when the room is live. Rejects with ClientError if that cannot come about. */
  async connect(roomId: string): Promise<Connected> {
    return this.#begin(roomOf(roomId));
  }

  /** Connects without joining a room, for single commands. */
  async connectOnly(): Promise<Connected> {
    return this.#begin(undefined);
  }

  /** Leaves the room, so that others see it at once, and closes. What was not acknowledged is rejected as `closed`. */
  async disconnect(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.roomId !== undefined && this.isConnected) {
      await this.#subscriptions.leave(this.roomId, LEAVE_TIMEOUT_MS);
    }
    await connection.close();
    await this.#reading;
  }

  /** Ends a wait for the next attempt, for those who know that the server is there again. */
  reconnectNow(): void {
    this.#connection?.reconnectNow();
  }

  /** Leaves the current room and joins another; resolves when that one is live, if need be after a reconnect. */
  async switchRoom(roomId: string): Promise<void> {
    const room_id = roomOf(roomId);
    const left = this.roomId;
    if (this.state.status === "closed") throw notConnected();
    if (left === room_id) return;
    const joined = this.#subscriptions.enter(room_id);
    if (this.isConnected) {
      // The hub takes commands in the order they come, so there is no need to wait for the first answer.
      if (left !== undefined) void this.#subscriptions.leave(left, LEAVE_TIMEOUT_MS);
      this.#subscriptions.subscribeCurrent();
    }
    await joined;
  }

  /** Sends to the current room, or the one named; resolves when the message is stored. Survives reconnects. */
  async sendMessage(text: string, options: SendOptions = {}): Promise<Ack> {
    const room_id = options.room_id ?? this.roomId;
    if (room_id === undefined) throw new ClientError("bad_payload", "there is no room to send to; join one or name it");
    return this.#send({ ...options, room_id, message: text });
  }

  /** Sends to one person, by id or name; stored for those who are not online. */
  async sendPrivateMessage(user: string, text: string, options: Omit<SendOptions, "room_id"> = {}): Promise<Ack> {
    return this.#send({ ...options, to: user, message: text });
  }

  /** The messages from now on, until the client is closed. A reader too far behind gets an error, never a gap. */
  messages(): AsyncIterable<ChatMessage> {
    const stream = new MessageStream<ChatMessage>(MAX_UNREAD, (ended) => this.#streams.delete(ended));
    this.#streams.add(stream);
    return stream;
  }

  async #begin(room_id: RoomId | undefined): Promise<Connected> {
    if (this.state.status !== "closed") {
      throw new ClientError("conflict", "the client is connected already; use switchRoom, or disconnect first");
    }
    const {
      open = openPlatformSocket,
      headers,
      requestTimeoutMs = REQUEST_TIMEOUT_MS,
      retryFirst = false,
    } = this.#options;
    const key = this.#key;
    const keyFollows = key.shown !== undefined && open.carriesAuthorization !== true;
    const url = endpointUrl(this.#serverUrl, { ...this.#user, keyFollows });
    const signals = new MessageStream<Signal>();
    const setup = { url, key, open, headers, runtime: this.runtime, timeoutMs: requestTimeoutMs, retryFirst };
    const connection = new Connection(setup, (signal) => signals.push(signal));
    this.#connection = connection;
    const joined = this.#subscriptions.enter(room_id);
    this.#reading = this.#readLoop(signals);
    connection.start();
    try {
      await joined;
    } catch (error) {
      await connection.close();
      throw error;
    }
    if (connection.connected === undefined) throw notConnected();
    return connection.connected;
  }

  /** Takes what the connection tells, one by one and in order, until it is closed. */
  async #readLoop(signals: MessageStream<Signal>): Promise<void> {
    for await (const signal of signals) {
      this.#take(signal);
      if (signal.kind === "closed") return;
    }
  }

  #take(signal: Signal): void {
    switch (signal.kind) {
      case "state":
        this.#listeners.tell(({ onState }) => onState?.(signal.state));
        return;
      case "ready":
        this.#listeners.tell(({ onConnect }) => onConnect?.(signal.connected));
        this.#settleKey();
        this.#subscriptions.onReady(signal.connected);
        this.#calls.onReady();
        this.#sends.flush();
        return;
      case "frame":
        this.#takeFrame(signal.frame);
        return;
      case "custom":
        this.#takeCustom(signal.frame);
        return;
      case "unknown":
        this.#subscriptions.takeUnknown(signal.event);
        return;
      case "fault":
        this.#listeners.fault(signal.error);
        return;
      case "lost":
        this.#subscriptions.onLost();
        this.#sends.pause();
        this.#requests.failAll(signal.error);
        this.#listeners.tell(({ onDisconnect }) => onDisconnect?.({ error: signal.error, will_reconnect: true }));
        return;
      case "closed":
        this.#takeEnd(signal);
    }
  }

  #settleKey(): void {
    const { runtime } = this;
    const request = (command: Command, answer: Answer) => this.#expect(command, answer);
    this.#key.settle({ runtime, request }, () => this.#listeners.tell(({ onKeyReplaced }) => onKeyReplaced?.()));
  }

  #takeFrame(frame: ServerFrame): void {
    this.#listeners.tell(({ onEvent }) => onEvent?.(frame));
    this.#calls.take(frame);
    this.#subscriptions.take(frame);
    if (!this.#requests.settle(frame)) tellFrame(frame, this.#listeners);
  }

  #takeCustom(frame: CustomFrame): void {
    // An answer that nobody waits for any more is none of anybody's business.
    if (this.#requests.settle(frame) || frame.reply_to !== undefined) return;
    this.#listeners.tell(({ onCustom }) => onCustom?.(frame.name, frame.payload));
  }

  #takeEnd({ error, ever_ready }: Extract<Signal, { readonly kind: "closed" }>): void {
    const reason = error ?? new ClientError("closed", "the client was disconnected");
    this.endTyping();
    this.#subscriptions.end(reason);
    this.#sends.end(reason);
    this.#requests.failAll(reason);
    if (ever_ready) {
      const told = error === undefined ? {} : { error };
      this.#listeners.tell(({ onDisconnect }) => onDisconnect?.({ ...told, will_reconnect: false }));
    }
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  async #send(payload: object): Promise<Ack> {
    if (this.state.status === "closed") throw notConnected();
    return this.#sends.add(outgoingOf({ client_id: this.runtime.newId(), ...payload }));
  }

  protected put(command: NamelessCommand | NamelessCustom, answer: Answer): void {
    if (!this.#expect(this.#named(command), answer)) answer.onFailure(notConnected());
  }

  protected tell(command: NamelessCommand): void {
    this.#connection?.send(this.#named(command));
  }

  #named(command: NamelessCommand | NamelessCustom): Command | CustomCommand {
    // The id is all that was missing; the compiler loses the link between type and payload on the way.
    return { ...command, id: this.runtime.newId() } as Command | CustomCommand;
  }

  #expect(command: Command | CustomCommand, answer: Answer): boolean {
    const connection = this.#connection;
    if (connection?.state.status !== "ready") return false;
    const refused = connection.send(command);
    if (refused === undefined) this.#requests.expect(command.id, answer);
    else queueMicrotask(() => answer.onFailure(refused));
    return true;
  }
}
