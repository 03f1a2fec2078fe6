import type { CallRecord } from "../protocol/call.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import type { Failure } from "../protocol/error-code.js";
import type { User } from "../protocol/event.js";

/** A call that waits to be answered, and the page where it can be. */
export type RingingCall = {
  readonly call_id: string;
  readonly from: User;
  readonly media?: "audio" | "video";
  readonly address: string;
};

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
  /** `was`: the name of somebody who stayed, and goes on under another one. */
  | { readonly kind: "presence"; readonly came: boolean; readonly user: User; readonly was?: string }
  /** A call that is over, as the log of a direct room keeps it. */
  | { readonly kind: "call"; readonly record: CallRecord }
  /** Somebody called, here and now. */
  | { readonly kind: "ringing"; readonly call: RingingCall }
  | { readonly kind: "notice"; readonly tone: "info" | "error"; readonly text: string };
