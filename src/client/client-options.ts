import type { ResumePoint } from "../protocol/command.js";
import type { RoomId } from "../protocol/room-id.js";
import type { OpenSocket, Runtime } from "./platform.js";

export type ClientOptions = {
  /** The identity's key: shown in the Authorization header where the platform can, else in the first frame. */
  readonly key?: string | undefined;
  /**
   * A key that the server may know this id by from before `key`. It is shown first, and replaced by `key` there; the
   * callback `onKeyReplaced` tells when it need not be given again.
   */
  readonly formerKey?: string | undefined;
  /** How a socket is opened: for a WebSocket of one's own. */
  readonly open?: OpenSocket;
  /** What goes along with the upgrade, such as `cookie` and `origin`. Node only: a browser sends its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where earlier runs left off. */
  readonly resume?: readonly ResumePoint[];
  readonly runtime?: Runtime;
  /** 10 s by default. */
  readonly requestTimeoutMs?: number;
  /** Whether `connect` goes on trying when the server cannot be reached at first; it rejects by default. */
  readonly retryFirst?: boolean;
  /** Whether this client is called: it then hears `onCall`. */
  readonly calls?: boolean;
};

export type SendOptions = {
  readonly client_id?: string;
  readonly reply_to?: number;
  /** When the text goes away, RFC 3339. */
  readonly expires_at?: string;
  /** Another room than the current one. */
  readonly room_id?: RoomId;
};

/**
 * The client's arguments, in the order of the constructor. Id and name may be left out where the server knows the person
 * by a key, a cookie or a header.
 */
export type ClientArguments =
  | [serverUrl: string, options?: ClientOptions]
  | [serverUrl: string, userId: string | undefined, username: string | undefined, options?: ClientOptions];

type NamedArguments = {
  readonly serverUrl: string;
  readonly userId: string | undefined;
  readonly username: string | undefined;
  readonly options: ClientOptions;
};

export function splitArguments([serverUrl, second, username, options = {}]: ClientArguments): NamedArguments {
  if (typeof second === "object") return { serverUrl, userId: undefined, username: undefined, options: second };
  return { serverUrl, userId: second, username, options };
}
