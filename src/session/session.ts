import { ClientError } from "../client/client-error.js";
import type { ClientCallbacks } from "../client/client-callbacks.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import { initialState } from "../chat/chat-state.js";
import { parseInputLine } from "../chat/input-line.js";
import { type RoomId, roomKind } from "../protocol/room-id.js";
import { nextName } from "./next-name.js";
import type { Destination } from "./outbox.js";
import { Sender } from "./sender.js";
import type { SessionParts } from "./session-parts.js";
import { runSlashCommand } from "./slash/table.js";
import { ChatStore } from "./store.js";

/** How a session ended: by /quit, or because the server ended it for good. */
export type SessionEnd = { readonly error?: ClientError };

/** One person's chat: a client, the state views show, and what the person types. Views hold nothing of their own. */
export class Session {
  readonly store: ChatStore;
  readonly sender: Sender;
  readonly parts: SessionParts;
  /** Resolves when the session is over. */
  readonly ended: Promise<SessionEnd>;
  #end: (end: SessionEnd) => void = () => {};
  #client: WebSocketClient;
  #isLeaving = false;

  constructor(parts: SessionParts, room_id: RoomId) {
    this.parts = parts;
    this.store = new ChatStore(initialState(parts.self, room_id));
    this.#client = parts.createClient(parts.self.username);
    this.sender = new Sender({ ...parts, store: this.store, client: () => this.#client });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
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
    if (input.kind === "message") this.say(input.text);
    if (input.kind !== "command") return;
    try {
      await runSlashCommand(this, input);
    } catch (error) {
      this.notice(error instanceof Error ? error.message : String(error), "error");
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

  /** Shows another room. Direct rooms are heard all the time; public ones are joined. */
  async enter(room_id: RoomId): Promise<void> {
    this.store.dispatch({ type: "room.entered", room_id });
    this.showCached(room_id);
    if (roomKind(room_id) === "public") await this.#client.switchRoom(room_id);
  }

  /** Goes on under another name. If it is taken, the old one stays, and the error says so. */
  async rename(username: string): Promise<void> {
    const { self } = this.store.getState();
    const room_id = this.#client.roomId ?? this.store.getState().current;
    await this.#leave();
    try {
      await this.#connect(username, room_id);
    } catch (error) {
      await this.#connect(self.username, room_id);
      throw error;
    } finally {
      this.sender.flush();
    }
  }

  /** Leaves: what is under way is finished, what cannot be stays in the outbox. */
  async quit(): Promise<void> {
    if (this.#client.isConnected) await this.sender.settle();
    await this.#leave();
    this.#end({});
  }

  showCached(room_id: RoomId): void {
    const cached = this.parts.cache.read(room_id, { limit: 50 });
    if (cached !== undefined) {
      this.store.dispatch({ type: "history.loaded", room_id, messages: cached.messages });
    }
  }

  async #leave(): Promise<void> {
    this.#isLeaving = true;
    await this.#client.disconnect();
    await this.sender.settle();
    this.#isLeaving = false;
  }

  /** Connects under this name or, if somebody holds it, the next free one of name_2, name_3 … */
  async #connectAs(username: string, room_id: RoomId): Promise<void> {
    for (let name = username; ; name = nextName(name)) {
      try {
        await this.#connect(name, room_id);
        if (name !== username) this.notice(`${username} is taken on this server: you are ${name} (/nick changes it)`);
        return;
      } catch (error) {
        if (!(error instanceof ClientError) || error.code !== "name_taken" || name.endsWith("_9")) throw error;
      }
    }
  }

  async #connect(username: string, room_id: RoomId): Promise<void> {
    this.#client = this.parts.createClient(username);
    this.#client.setCallbacks(this.#callbacks());
    const { user } = await this.#client.connect(room_id);
    const { user_id } = this.store.getState().self;
    this.store.dispatch({ type: "self.changed", self: { user_id, username: user.username } });
    this.parts.rememberName(user.username);
  }

  #callbacks(): ClientCallbacks {
    const { store, parts } = this;
    return {
      onMessage: (message) => store.dispatch({ type: "message.received", message }),
      onAdvance: ({ room_id, epoch, seq, messages }) =>
        parts.cache.record({ room_id, epoch, seq }, messages, new Date(parts.now()).toISOString()),
      onConnect: ({ server }) => this.#onConnect(server.server_id),
      onState: (link) => store.dispatch({ type: "link.changed", link }),
      onSubscribed: ({ room_id, members }) => this.#onSubscribed(room_id, members ?? []),
      onPresence: ({ type, room_id, user_id, username }) => {
        const change = { room_id, user: { user_id, username }, came: type === "presence.online" };
        store.dispatch({ type: "presence.changed", change, at: parts.now() });
      },
      onReset: (room_id) => store.dispatch({ type: "room.reset", room_id }),
      onDenied: (room_id) => this.notice(`the server does not let you into ${room_id}`, "error"),
      onError: (error) => this.notice(error.message, "error"),
      onDisconnect: ({ error, will_reconnect }) => {
        if (will_reconnect) void this.#recover();
        else if (!this.#isLeaving) this.#end(error === undefined ? {} : { error });
      },
    };
  }

  /** Only now is it known whose cache and outbox these are. Rooms are subscribed after this, so older lines come first. */
  #onConnect(server_id: string): void {
    this.parts.recogniseServer(server_id);
    this.showCached(this.store.getState().current);
    for (const entry of this.parts.outbox.entries()) this.sender.show(entry);
  }

  async #onSubscribed(
    room_id: RoomId,
    members: Parameters<NonNullable<ClientCallbacks["onSubscribed"]>>[0]["members"],
  ) {
    this.store.dispatch({ type: "room.opened", room_id, members: members ?? [] });
    if (roomKind(room_id) !== "public") return;
    const { members: people } = await this.#client.members(room_id);
    this.store.dispatch({ type: "people.listed", room_id, people });
  }

  async #recover(): Promise<void> {
    try {
      await this.parts.recoverServer?.();
    } catch (error) {
      this.notice(error instanceof Error ? error.message : String(error), "error");
    }
  }
}
