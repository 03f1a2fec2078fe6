import type { CloseCode } from "../../protocol/close-code.js";
import type { CustomEvent } from "../../protocol/custom.js";
import type { ServerEvent, User } from "../../protocol/event.js";

/** How a connection wants its frames: the name of its dialect. */
export type Variant = string;

/** The hub's way to one connection. It never blocks and never throws; a closed one ignores what it is given. */
export interface Outlet {
  readonly variant: Variant;
  /** True while more waits to be sent than the connection's bound: log events must then be read again later. */
  readonly behind: boolean;
  /** Sends whole frames, ready for the wire. */
  write(frames: Uint8Array): void;
  close(code: CloseCode, reason: string): void;
}

/**
 * An event as a ready frame of a variant; undefined if that dialect has no words for it. `peer` is, in a direct room,
 * the other one as the reader sees it. `reply_to` names the request that the event answers.
 */
export type Encoder = (
  event: ServerEvent | CustomEvent,
  variant: Variant,
  context: { readonly peer?: User | undefined; readonly reply_to?: string | undefined },
) => Uint8Array | undefined;
