import type { ChatMessage } from "../protocol/chat-message.js";
import type { Failure } from "../protocol/error-code.js";
import type { User } from "../protocol/event.js";

/**
 * A line of a room's conversation. `order` counts up over the whole chat, so that a view which only appends (a pipe)
 * knows what is new; an entry that changes gets a new one. `at` is Unix milliseconds.
 */
export type Entry = { readonly order: number; readonly at: number } & EntryContent;

export type EntryContent =
  | { readonly kind: "message"; readonly message: ChatMessage }
  /** A message of our own that the server has not acknowledged, or, with a refusal, will not take. */
  | {
      readonly kind: "outgoing";
      readonly client_id: string;
      readonly text: string;
      /** The person a direct message is meant for. */
      readonly to?: string;
      readonly refusal?: Failure;
    }
  | { readonly kind: "presence"; readonly came: boolean; readonly user: User }
  | { readonly kind: "notice"; readonly tone: "info" | "error"; readonly text: string };
