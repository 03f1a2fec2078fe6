import type { ClientError } from "../client/client-error.js";
import type { Runtime } from "../client/platform.js";
import type { WebSocketClient } from "../client/websocket-client.js";
import type { ServerFrame } from "../protocol/frame.js";
import type { User } from "../protocol/event.js";
import type { HistoryCache } from "./history-cache.js";
import type { Outbox } from "./outbox.js";

/** A part of the session with a life of its own, such as presence or calls. */
export interface SessionFeature {
  /** Sees each frame as it comes, before messages are taken out of it. */
  take(frame: ServerFrame): void;
}

/** What a person has set about being seen and seeing. */
export type CompanySettings = {
  /** Ms without a key after which we appear away; 0 is never. */
  readonly auto_away: number;
  readonly send_typing: boolean;
  readonly show_typing: boolean;
};

/** What a session is given by the program around it. */
export type SessionParts = {
  readonly self: User;
  /** What this machine calls the person (`--name`), whatever others see; an account has no such name. */
  readonly local_name?: string | undefined;
  /** Shown by /status. */
  readonly server_url: string;
  /** A client of this user under this name; it starts nothing before it is told to connect. */
  readonly createClient: (username: string) => WebSocketClient;
  readonly outbox: Outbox;
  readonly cache: HistoryCache;
  /**
   * Called when a server has said who it is: outbox and cache are from then on those of this server. What it returns is
   * told the person.
   */
  readonly recogniseServer: (server_id: string) => string | undefined;
  /** Called with the name the server accepted, so that it is asked for next time. */
  readonly rememberName: (username: string) => void;
  /** What to tell the person of a server that cannot be reached at first and is waited for; without it nothing is told. */
  readonly explainWait?: (error: ClientError) => string;
  /** Called when the connection broke: a program that started the hub itself starts it again. Errors are shown. */
  readonly recoverServer?: () => Promise<void>;
  /** What the person has set about being seen and seeing; without it nobody is taken for away by himself. */
  readonly company?: CompanySettings;
  /** False: nobody but this person's own devices learns what has arrived and what was read. True by default. */
  readonly send_receipts?: boolean;
  readonly startTimer?: Runtime["setTimer"];
  /** A clock that never steps, for durations. */
  readonly elapsedMs?: Runtime["elapsedMs"];
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly newId: () => string;
};
