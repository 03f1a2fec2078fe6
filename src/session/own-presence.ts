import type { OwnPresence as Shown } from "../chat/chat-state.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { ServerFrame } from "../protocol/frame.js";
import { LIMITS } from "../protocol/limits.js";
import type { OwnStatus, Presence } from "../protocol/presence.js";
import { sanitizeLine } from "../protocol/sanitize.js";
import type { SessionFeature } from "./session-parts.js";
import type { ChatStore } from "./store.js";

type Client = Pick<WebSocketClient, "isConnected" | "presence" | "setPresence" | "setNote" | "setIdle">;

type Parts = {
  readonly store: Pick<ChatStore, "dispatch" | "getState">;
  readonly client: () => Client;
};

type Wanted = { readonly status: OwnStatus; readonly note: string };

/**
 * How we appear to others. The server keeps it as long as one of our devices is there, and for a moment after; when we
 * were away for longer, it is said again.
 */
export class OwnPresence implements SessionFeature {
  readonly #parts: Parts;
  /** What was said by hand, here or on another device. */
  #status: OwnStatus = "online";
  #note = "";
  /** The note that outlasts being away. */
  #lastingNote = "";
  #isIdle = false;
  #isRestoring = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  take({ type, payload, reply_to }: ServerFrame): void {
    if (type === "connected") void this.#restore();
    const { user_id } = this.#parts.store.getState().self;
    if (type === "presence.update" && payload.user_id === user_id) this.#hear(payload, { isAnswer: false });
    if (type !== "presence.state") return;
    const me = payload.users.find((user) => user.user_id === user_id);
    if (me !== undefined) this.#hear(me, { isAnswer: reply_to !== undefined });
  }

  /** Says it to everybody, or, without a connection, as soon as there is one. A note stays as it is without another. */
  async set(status: OwnStatus, note = this.#note): Promise<void> {
    await this.#say({ status, note }, (client) => client.setPresence(status, note));
  }

  /** Back to online, with the note from before. */
  async back(): Promise<void> {
    await this.set("online", this.#lastingNote);
  }

  async setNote(note: string): Promise<void> {
    await this.#say({ status: this.#status, note }, (client) => client.setNote(note));
    this.#lastingNote = note;
  }

  /** Nobody is there, or somebody is again; it counts for somebody online only, and the server weighs our devices. */
  setIdle(isIdle: boolean): void {
    if (this.#isIdle === isIdle || (isIdle && this.#status !== "online")) return;
    this.#isIdle = isIdle;
    if (this.#client.isConnected) this.#client.setIdle(isIdle).catch(ignore);
  }

  get #client(): Client {
    return this.#parts.client();
  }

  async #say(wanted: Wanted, tell: (client: Client) => Promise<unknown>): Promise<void> {
    checkNote(wanted.note);
    const before = { status: this.#status, note: this.#note };
    this.#want(wanted);
    // Whoever says something is there.
    this.#isIdle = false;
    const client = this.#client;
    if (!client.isConnected) return this.#show({ status: wanted.status, ...noted(wanted.note) });
    try {
      await tell(client);
      // What was under way meanwhile was said before.
      this.#want(wanted);
    } catch (error) {
      // A connection that broke meanwhile will be told again when it is back.
      if (client.isConnected) this.#want(before);
      throw error;
    }
  }

  #want({ status, note }: Wanted): void {
    this.#status = status;
    this.#note = note;
  }

  /** After an answer we know how we appear; what comes by itself another device has said. */
  #hear({ status, note = "" }: Presence, { isAnswer }: { readonly isAnswer: boolean }): void {
    if (this.#isRestoring) return;
    const own = status === "offline" ? "invisible" : status;
    this.#show({ status: own, ...noted(note) });
    // Being away while idle was not said by anybody.
    const isByItself = this.#isIdle && own === "away" && this.#status === "online";
    if (isAnswer || isByItself) return;
    this.#want({ status: own, note });
    if (own === "online") this.#lastingNote = note;
  }

  /** Says again what the server may have forgotten; if another device of ours was there meanwhile, that one is right. */
  async #restore(): Promise<void> {
    const isPlain = this.#status === "online" && this.#note === "";
    if (isPlain && !this.#isIdle) return;
    this.#isRestoring = true;
    try {
      const told = isPlain ? undefined : await this.#sayAgain();
      const me = this.#isIdle ? await this.#client.setIdle(true) : told;
      this.#isRestoring = false;
      if (me !== undefined) this.#hear(me, { isAnswer: true });
    } catch {
      // The connection broke again: the next one is the next chance.
    } finally {
      this.#isRestoring = false;
    }
  }

  async #sayAgain(): Promise<Presence> {
    const { user_id } = this.#parts.store.getState().self;
    // Nobody is to be seen while the server is asked.
    const isHidden = this.#status === "invisible";
    const [me] = isHidden ? [] : (await this.#client.presence({ user_ids: [user_id] })).users;
    if (me === undefined || me.devices <= 1) return this.#client.setPresence(this.#status, this.#note);
    this.#isRestoring = false;
    this.#hear(me, { isAnswer: false });
    return me;
  }

  #show(own: Shown): void {
    const { own: before } = this.#parts.store.getState();
    if (before.status === own.status && before.note === own.note) return;
    this.#parts.store.dispatch({ type: "own.told", own });
  }
}

/** Without a connection nobody else would say so, and the note would be lost when it is back. */
function checkNote(note: string): void {
  const { length } = Array.from(sanitizeLine(note).trim());
  if (length <= LIMITS.maxNoteLength) return;
  throw new Error(`a note is at most ${LIMITS.maxNoteLength} characters: this one has ${length}`);
}

function noted(note: string): { readonly note?: string } {
  return note === "" ? {} : { note };
}

/** Nobody asked for it: it is told again with the next change. */
function ignore(): void {}
