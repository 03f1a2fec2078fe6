/** How far an own message has come: with the server, with the one it is for, and before their eyes. */
export type Delivery = "sending" | "sent" | "delivered" | "read" | "failed";

type Said = {
  readonly username: string;
  readonly text: string;
  readonly mine: boolean;
  /** For own messages. */
  readonly delivery?: Delivery;
  /** Why it failed and what to do about it; shown below the text. */
  readonly problem?: string;
  /** It names the reader. */
  readonly mention?: boolean;
};

/**
 * What the list shows, oldest first. An entry never changes: what changed is another object with the same `key`, which is
 * unique in its list (for own messages it must not change when the server has stored them). `timeMs` is Unix time.
 */
export type Entry = { readonly key: string; readonly timeMs: number } & (
  | ({ readonly kind: "message" } & Said)
  | ({ readonly kind: "direct" /** The other one's name, for own ones. */; readonly to?: string } & Said)
  | {
      readonly kind: "presence";
      readonly joined: readonly string[];
      readonly left: readonly string[];
      /** Those who stayed, and are called otherwise now: the old name and the new one. */
      readonly renamed?: readonly (readonly [string, string])[];
    }
  | { readonly kind: "notice"; readonly text: string; readonly level: "plain" | "error" }
  | { readonly kind: "call"; readonly text: string /** It asks for the reader's attention. */; readonly news: boolean }
  | { readonly kind: "day" }
  | { readonly kind: "unread"; readonly count: number }
);

export type SaidEntry = Extract<Entry, { readonly kind: "message" | "direct" }>;
