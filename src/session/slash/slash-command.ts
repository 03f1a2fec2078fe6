import type { ChatState } from "../../chat/chat-state.js";
import type { EventPayload } from "../../protocol/event.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Action } from "../../chat/action.js";
import type { CommandPayload } from "../../protocol/command.js";
import type { Destination } from "../outbox.js";
import type { OwnPresence } from "../own-presence.js";
import type { PeopleSource } from "../people-list.js";
import type { Sender } from "../sender.js";
import type { SessionParts } from "../session-parts.js";

/** What a slash command may do with the session. */
export interface SlashSession {
  readonly store: { getState(): ChatState; dispatch(action: Action): void };
  readonly sender: Pick<Sender, "retry" | "drop" | "refused">;
  readonly parts: Pick<SessionParts, "server_url" | "cache" | "now" | "local_name">;
  readonly client: PeopleSource & {
    readonly isConnected: boolean;
    rooms(): Promise<EventPayload<"room.list">>;
    history(payload: CommandPayload<"history.get">): Promise<EventPayload<"history.page">>;
    readonly roomId: RoomId | undefined;
    switchRoom(room_id: RoomId): Promise<void>;
    forgetMark(room_id: RoomId): Promise<void>;
    ping(): Promise<number>;
  };
  readonly calls: { decline(): Promise<void> };
  readonly company: { readonly own: Pick<OwnPresence, "set" | "back" | "setNote"> };
  say(message: string, elsewhere?: Destination): void;
  notice(text: string, tone?: "info" | "error"): void;
  enter(room_id: RoomId): Promise<void>;
  rename(username: string): Promise<void>;
  quit(): Promise<void>;
}

/** One slash command; what it throws is shown to its user. */
export type SlashCommand = {
  readonly name: string;
  /** Other names for it, which /help does not list. */
  readonly aliases?: readonly string[];
  /** What follows the name, for help and completion: `<user> <message>`. */
  readonly usage: string;
  readonly summary: string;
  /** Where Tab looks for completions of the first word. */
  readonly completes?: "rooms" | "people";
  /** The message that an argument holds, for commands that send one; undefined if it holds none. */
  readonly messageIn?: (argument: string) => string | undefined;
  readonly run: (session: SlashSession, argument: string) => Promise<void> | void;
};
