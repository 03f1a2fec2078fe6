import { platformRuntime, type Runtime } from "../client/platform.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { ServerFrame } from "../protocol/frame.js";
import type { RoomId } from "../protocol/room-id.js";
import { AutoAway } from "./auto-away.js";
import { DraftNotices } from "./draft-notices.js";
import { OwnPresence } from "./own-presence.js";
import { PeopleWatch } from "./people-watch.js";
import type { CompanySettings, SessionFeature } from "./session-parts.js";
import type { ChatStore } from "./store.js";

type Parts = {
  readonly store: ChatStore;
  readonly client: () => WebSocketClient;
  readonly now: () => number;
  readonly startTimer?: Runtime["setTimer"] | undefined;
  readonly elapsedMs?: Runtime["elapsedMs"] | undefined;
  readonly settings?: CompanySettings | undefined;
};

const DEFAULTS: CompanySettings = { auto_away: 0, send_typing: true, show_typing: true };

/** The company one is in: how others are, how we appear to them, and who is writing. */
export class Company implements SessionFeature {
  readonly own: OwnPresence;
  readonly #watch: PeopleWatch;
  readonly #drafts: DraftNotices;
  readonly #autoAway: AutoAway;

  constructor(parts: Parts) {
    const { auto_away: after_ms, ...typing } = parts.settings ?? DEFAULTS;
    const { startTimer = platformRuntime.setTimer, elapsedMs = platformRuntime.elapsedMs } = parts;
    this.own = new OwnPresence(parts);
    this.#watch = new PeopleWatch({ ...parts, ...typing });
    this.#drafts = new DraftNotices({ ...parts, ...typing });
    const onChange = (isIdle: boolean) => this.own.setIdle(isIdle);
    this.#autoAway = new AutoAway({ after_ms, elapsedMs, startTimer, onChange });
  }

  take(frame: ServerFrame): void {
    this.#watch.take(frame);
    this.own.take(frame);
  }

  /** Somebody pressed a key. A program that never says so is never taken for empty. */
  touch(): void {
    this.#autoAway.touch();
  }

  /** What is being written in the room shown, which is not said yet. */
  drafted(room_id: RoomId, text: string): void {
    this.#drafts.changed(room_id, text);
  }

  leftRoom(): void {
    this.#drafts.left();
  }

  /** The session is over. */
  stop(): void {
    this.#autoAway.stop();
  }
}
