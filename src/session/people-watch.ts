import type { WebSocketClient } from "../client/websocket-client.js";
import type { EventPayload } from "../protocol/event.js";
import type { ServerFrame } from "../protocol/frame.js";
import { roomKind } from "../protocol/room-id.js";
import type { SessionFeature } from "./session-parts.js";
import type { ChatStore } from "./store.js";

type Parts = {
  readonly store: Pick<ChatStore, "dispatch" | "getState">;
  readonly client: () => Pick<WebSocketClient, "presence">;
  readonly now: () => number;
  readonly show_typing: boolean;
};

/** People of one room that are asked for; of larger rooms only the count is known. */
const MAX_PEOPLE = 500;

/** What others do and how they are, from the frames as they come. */
export class PeopleWatch implements SessionFeature {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  take(frame: ServerFrame): void {
    const { store, now } = this.#parts;
    const { type, payload } = frame;
    if (type === "presence.online" || type === "presence.offline") {
      const { room_id, user_id, username, online } = payload;
      const change = { room_id, user: { user_id, username }, came: type === "presence.online", online };
      store.dispatch({ type: "presence.changed", change, at: now() });
    }
    if (type === "presence.update") store.dispatch({ type: "statuses.told", people: [payload], at: now() });
    if (type === "presence.count") store.dispatch({ type: "people.counted", ...payload });
    if (type === "presence.state") this.#takePage(payload, frame.reply_to !== undefined);
    if (type === "typing.start" || type === "typing.stop") this.#takeTyping(frame);
  }

  /** A page that was asked for goes on where the one before ended. */
  #takePage({ room_id, users, total, next }: EventPayload<"presence.state">, isRest: boolean): void {
    const { store, client, now } = this.#parts;
    const at = now();
    if (room_id !== undefined && roomKind(room_id) === "public") {
      store.dispatch({ type: "people.listed", room_id, people: users, online: total, isRest, at });
      const known = store.getState().rooms.get(room_id)?.people.size ?? 0;
      // The answer is taken from its frame; without one, fewer names can be completed.
      if (next !== undefined && known < MAX_PEOPLE) {
        client()
          .presence({ room_id, after: next })
          .catch(() => {});
      }
    }
    store.dispatch({ type: "statuses.told", people: users, at });
  }

  #takeTyping({ type, payload }: Extract<ServerFrame, { readonly type: "typing.start" | "typing.stop" }>): void {
    const { store, now, show_typing } = this.#parts;
    if (!show_typing) return;
    const { room_id, user_id, username } = payload;
    const at = now();
    const until = type === "typing.start" ? { until: at + payload.expires_in_ms } : {};
    store.dispatch({ type: "typing.changed", room_id, user: { user_id, username }, at, ...until });
  }
}
