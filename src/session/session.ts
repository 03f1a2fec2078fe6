import { ClientError } from "../client/client-error.js";
import type { ClientCallbacks, ClientState } from "../client/client-callbacks.js";
import type { ServerFrame } from "../protocol/frame.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import { initialState } from "../chat/chat-state.js";
import { parseInputLine } from "../chat/input-line.js";
import { callsOf } from "../protocol/durable-event.js";
import { GENERAL_ROOM, type RoomId, roomKind } from "../protocol/room-id.js";
import { Calls } from "./calls.js";
import { Company } from "./company.js";
import { Expiry } from "./expiry.js";
import { withFreeName } from "./next-name.js";
import { Marking } from "./marking.js";
import type { Destination } from "./outbox.js";
import { Sender } from "./sender.js";
import type { SessionFeature, SessionParts } from "./session-parts.js";
import { runSlashCommand } from "./slash/table.js";
import { ChatStore } from "./store.js";

/** After so many attempts a server that was found or started, but lets nobody in, is left the time between them. */
const MAX_HURRIED_ATTEMPTS = 4;

/** How a session ended: by /quit, or because the server ended it for good. */
export type SessionEnd = { readonly error?: ClientError };

/** One person's chat: a client, the state views show, and what the person types. Views hold nothing of their own. */
export class Session {
  readonly store: ChatStore;
  readonly sender: Sender;
  readonly calls: Calls;
  readonly company: Company;
  readonly marking: Marking;
  readonly parts: SessionParts;
  /** Resolves when the session is over. */
  readonly ended: Promise<SessionEnd>;
  #end: (end: SessionEnd) => void = () => {};
  /** What hears every frame, in the order it came. */
  readonly #features: readonly SessionFeature[];
  #client: WebSocketClient;
  /** The client that has let us in: only its end is the session's. */
  #live: WebSocketClient | undefined;
  #isRecovering = false;
  #lastFault = "";
  #onLost: () => void = () => {};

  constructor(parts: SessionParts, room_id: RoomId) {
    this.parts = parts;
    this.store = new ChatStore(initialState(parts.self, room_id));
    this.#client = parts.createClient(parts.self.username);
    const expiry = new Expiry({ ...parts, store: this.store });
    const client = () => this.#client;
    const onStored = (room_id: RoomId, seq: number) => this.marking.wrote(room_id, seq);
    this.sender = new Sender({ ...parts, store: this.store, client, onStored });
    this.calls = new Calls({ ...parts, store: this.store, client, notice: (text) => this.notice(text) });
    this.company = new Company({ ...parts, store: this.store, client, settings: parts.company });
    this.marking = new Marking({ ...parts, store: this.store, client });
    this.#features = [this.calls, this.company, this.marking];
    this.ended = new Promise((resolve) => {
      this.#end = (end) => {
        this.company.stop();
        this.marking.stop();
        expiry.stop();
        resolve(end);
      };
    });
  }

  get client(): WebSocketClient {
    return this.#client;
  }

  /** Connects and joins the room. Rejects with ClientError if the server cannot be reached or refuses. */
  async start(): Promise<void> {
    await this.#connectAs(this.parts.self.username, this.store.getState().current);
    this.sender.flush();
  }

  /** Takes a line as typed: a message for the current room, or a slash command. Never rejects. */
  async submit(line: string): Promise<void> {
    const input = parseInputLine(line);
    try {
      if (input.kind === "message") this.say(input.text);
      if (input.kind === "command") await runSlashCommand(this, input);
    } catch (error) {
      this.notice(textOf(error), "error");
    }
  }

  /** Says something in the current room or elsewhere. It is kept until the server has it. */
  say(message: string, elsewhere?: Destination): void {
    const destination = elsewhere ?? { room_id: this.store.getState().current };
    const created_at = new Date(this.parts.now()).toISOString();
    this.sender.add({ client_id: this.parts.newId(), destination, message, created_at });
  }

  notice(text: string, tone: "info" | "error" = "info"): void {
    this.store.dispatch({ type: "noticed", tone, text, at: this.parts.now() });
  }

  /**
   * Shows another room. Direct rooms are heard all the time; public ones are joined, or, while there is no connection,
   * as soon as it is back. Rejects, in the room left, with ClientError if the server refuses.
   */
  async enter(room_id: RoomId): Promise<void> {
    const left = this.store.getState().current;
    const client = this.#client;
    this.company.leftRoom();
    this.store.dispatch({ type: "room.entered", room_id });
    this.showCached(room_id);
    if (roomKind(room_id) !== "public" || client.state.status === "closed") return;
    const joining = client.switchRoom(room_id);
    if (!client.isConnected) {
      // It ends with the connection, whose end is told elsewhere.
      joining.catch(() => {});
      return;
    }
    try {
      await joining;
    } catch (error) {
      // Whoever went on meanwhile, or lost the connection, is where that has brought them.
      if (client.isConnected && this.store.getState().current === room_id) await this.#goBack(left);
      throw error;
    }
  }

  /** Goes on under another name. If it is taken, the old one stays, and the error says so. Needs a connection. */
  async rename(username: string): Promise<void> {
    if (!this.#client.isConnected) throw new Error("there is no connection now: change your name when it is back");
    const { self } = this.store.getState();
    if (username === self.username) return;
    const room_id = this.#client.roomId ?? GENERAL_ROOM;
    await this.#leave();
    try {
      await this.#connect(username, room_id);
    } catch (error) {
      await this.#connect(self.username, room_id).catch((lost: unknown) => {
        this.#end(lost instanceof ClientError ? { error: lost } : {});
        throw lost;
      });
      throw error;
    } finally {
      this.sender.flush();
    }
  }

  /** Leaves: what is under way is finished, what cannot be stays in the outbox. */
  async quit(): Promise<void> {
    const lost = new Promise<void>((resolve) => {
      this.#onLost = resolve;
    });
    if (this.#client.isConnected) await Promise.race([this.sender.settle(), lost]);
    await this.#leave();
    this.#end({});
  }

  showCached(room_id: RoomId): void {
    const cached = this.parts.cache.read(room_id, { limit: 50 });
    if (cached !== undefined) {
      this.store.dispatch({ type: "history.loaded", room_id, ...cached });
      const { user_id } = this.store.getState().self;
      const marks = { read: cached.read_upto };
      if (cached.read_upto > 0) this.store.dispatch({ type: "marks.raised", room_id, user_id, marks });
    }
  }

  async #leave(): Promise<void> {
    this.#live = undefined;
    this.marking.flush();
    await this.#client.disconnect();
    await this.sender.settle();
  }

  async #goBack(room_id: RoomId): Promise<void> {
    this.store.dispatch({ type: "room.entered", room_id });
    // What went wrong first is what is reported.
    if (roomKind(room_id) === "public") await this.#client.switchRoom(room_id).catch(() => {});
  }

  /** Connects under this name or, if somebody holds it, the next free one of name_2, name_3 … */
  async #connectAs(username: string, room_id: RoomId): Promise<void> {
    await withFreeName(username, async (name) => {
      await this.#connect(name, room_id);
      if (name !== username) this.notice(`${username} is taken on this server: you are ${name} (/nick changes it)`);
    });
  }

  async #connect(username: string, room_id: RoomId): Promise<void> {
    const client = this.parts.createClient(username);
    this.#client = client;
    client.setCallbacks(this.#callbacks(client));
    const { user } = await client.connect(room_id);
    this.#live = client;
    const { user_id } = this.store.getState().self;
    this.store.dispatch({ type: "self.changed", self: { user_id, username: user.username } });
    this.parts.rememberName(user.username);
    await this.#followRoom(room_id);
  }

  /** Somebody went to another room while the connection was being made. */
  async #followRoom(joined: RoomId): Promise<void> {
    const { current } = this.store.getState();
    if (current !== joined && roomKind(current) === "public") await this.#client.switchRoom(current);
  }

  #callbacks(client: WebSocketClient): ClientCallbacks {
    const { store, parts } = this;
    return {
      onMessage: (message) => store.dispatch({ type: "message.received", message }),
      onCallRecord: (record) => store.dispatch({ type: "call.recorded", record }),
      onAdvance: (advance) => {
        const calls = callsOf(advance.events);
        this.marking.advanced(advance.room_id, advance.seq);
        parts.cache.record({ ...advance, calls }, new Date(parts.now()).toISOString());
      },
      onConnect: ({ server }) => this.#onConnect(server.server_id),
      onState: (link) => this.#onState(link),
      onEvent: (frame) => this.#onEvent(frame),
      onSubscribed: ({ room_id }) => this.#onSubscribed(room_id),
      onReset: (room_id) => {
        this.marking.forget(room_id);
        store.dispatch({ type: "room.reset", room_id });
      },
      onDenied: (room_id) => this.notice(`the server does not let you into ${room_id}`, "error"),
      onError: (error) => this.notice(error.message, "error"),
      onDisconnect: ({ error, will_reconnect }) => {
        this.#onLost();
        this.marking.lost();
        if (!will_reconnect && this.#live === client) this.#end(error === undefined ? {} : { error });
      },
    };
  }

  #onState({ error, ...link }: ClientState): void {
    this.store.dispatch({ type: "link.changed", link });
    if (link.status !== "waiting") return;
    const { explainWait } = this.parts;
    if (this.#live === undefined && error !== undefined && explainWait !== undefined)
      this.#tellFault(explainWait(error));
    void this.#recover();
  }

  /** Said once, not at every attempt. */
  #tellFault(text: string): void {
    if (text !== this.#lastFault) this.notice(text, "error");
    this.#lastFault = text;
  }

  /** Only now is it known whose cache and outbox these are. Rooms are subscribed after this, so older lines come first. */
  #onConnect(server_id: string): void {
    const sentence = this.parts.recogniseServer(server_id);
    if (sentence !== undefined) this.notice(sentence);
    this.showCached(this.store.getState().current);
    for (const entry of this.parts.outbox.entries()) this.sender.show(entry);
  }

  /** Sees frames as they come, so that what is told of a room never arrives after what happens in it next. */
  #onEvent(frame: ServerFrame): void {
    for (const feature of this.#features) feature.take(frame);
    const { type, payload } = frame;
    if (type !== "subscribed") return;
    for (const room of payload.rooms) {
      if (room.status !== "ok" || room.members === undefined) continue;
      this.store.dispatch({ type: "room.opened", room_id: room.room_id, members: room.members });
    }
  }

  #onSubscribed(room_id: RoomId): void {
    this.store.dispatch({ type: "room.opened", room_id });
    if (room_id === this.#client.roomId) void this.marking.ask();
  }

  /** Each attempt to come back that fails may mean that there is no server any more; one rescue at a time. */
  async #recover(): Promise<void> {
    if (this.#isRecovering || this.parts.recoverServer === undefined) return;
    this.#isRecovering = true;
    try {
      await this.parts.recoverServer();
      this.#lastFault = "";
      // It is there now, so the wait that was chosen for a missing one is too long; but not again and again.
      if (this.store.getState().link.attempt <= MAX_HURRIED_ATTEMPTS) this.#client.reconnectNow();
    } catch (error) {
      this.#tellFault(textOf(error));
    } finally {
      this.#isRecovering = false;
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
