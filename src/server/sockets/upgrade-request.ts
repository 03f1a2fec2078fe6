import type { IncomingMessage } from "node:http";
import { type Failure, failure } from "../../protocol/error-code.js";
import { SUBPROTOCOL } from "../../protocol/frame.js";
import { parsePublicRoomId, type RoomId, ROOM_RULE } from "../../protocol/room-id.js";
import type { Introduction } from "../auth/identification.js";
import type { Dialect } from "./dialects/dialect.js";
import { mangahubV1 } from "./dialects/mangahub-v1.js";
import { roomDialect } from "./dialects/room.js";
import { CONTRADICTION, type Remote } from "./forwarded.js";
import { cookieFault, type OriginRule, originFault } from "./origin.js";
import type { Refusal } from "./refuse-upgrade.js";

/** What a client asks for by its upgrade request. */
export type UpgradeRequest = {
  readonly room_id: RoomId | undefined;
  readonly dialect: Dialect;
  readonly introduction: Introduction;
  /** The client will show its key or token in the first frame, for want of headers. */
  readonly key_follows: boolean;
};

/** True for the paths that are the hub's: `/ws` and `/ws/:room`. */
export function isSocketPath(url: string | undefined): boolean {
  return /^\/ws(?:[/?]|$)/.test(url ?? "");
}

/** Reads path, query and headers; a refusal says what is wrong with them. */
export function readUpgrade(
  request: IncomingMessage,
  remote: Remote | undefined,
  rule: OriginRule,
): UpgradeRequest | Refusal {
  const fault = faultOf(request, remote, rule);
  if (fault !== undefined) return { status: 403, failure: failure("forbidden", fault) };
  const address = isSocketPath(request.url) ? addressIn(request.url ?? "") : undefined;
  if (address === undefined) return refuse(404, failure("unknown_room", "the hub's paths are /ws and /ws/:room"));
  const secret = rule.may_carry_token ? undefined : SECRETS.find((name) => address.query.has(name));
  if (secret !== undefined) return refuse(400, tokenInAddress(secret));
  const room = roomOf(address.pathname);
  if (room === "bad") return refuse(400, failure("bad_payload", ROOM_RULE, { field: "room" }));
  const dialect = dialectOf(request.headers["sec-websocket-protocol"], room);
  if (dialect === undefined) {
    return refuse(
      400,
      failure("bad_frame", `this hub speaks ${SUBPROTOCOL}, and the room dialect without a subprotocol`),
    );
  }
  const introduction = introductionOf(request, address.query);
  return { room_id: room, dialect, introduction, key_follows: address.query.get("auth") === "frame" };
}

/** Why a request is turned away whatever it asks for, or undefined. */
function faultOf({ headers }: IncomingMessage, remote: Remote | undefined, rule: OriginRule): string | undefined {
  if (remote === undefined) return CONTRADICTION;
  const { host, public_host, is_secure } = remote;
  return originFault({ host, public_host, is_secure, origin: headers.origin }, rule) ?? cookieFault(headers);
}

function introductionOf({ headers }: IncomingMessage, query: URLSearchParams): Introduction {
  const { authorization } = headers;
  // Written out: an object put together out of others would have a shape of its own for every connection.
  return {
    user_id: present(query.get("user_id")),
    username: present(query.get("username")),
    ticket: present(query.get("ticket")),
    key: authorization === undefined ? undefined : /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization)?.[1],
  };
}

const SECRETS = ["token", "access_token"];

/** Proxies, histories and logs keep addresses, so one that was sent in an address counts as known to others. */
function tokenInAddress(field: string): Failure {
  const message =
    `no ${field} in the address, where others may read it: send it as Authorization: Bearer, in a first frame ` +
    "authenticate, or ask for a ticket; and end this session";
  return failure("bad_payload", message, { field });
}

function refuse(status: Refusal["status"], reason: Failure): Refusal {
  return { status, failure: reason };
}

type Address = { readonly pathname: string; readonly query: URLSearchParams };

/** What reads the same before and after it was parsed as an address. */
const PLAIN = /^(\/ws(?:\/[\w-]*)?)(?:\?([\w=&%+.~-]*))?$/;

/** Undefined if it cannot be the path and query of an address. */
function addressIn(text: string): Address | undefined {
  const plain = PLAIN.exec(text);
  if (plain !== null) return { pathname: plain[1] ?? "", query: new URLSearchParams(plain[2] ?? "") };
  const address = `http://hub${text}`;
  if (!URL.canParse(address)) return undefined;
  const { pathname, searchParams } = new URL(address);
  return { pathname, query: searchParams };
}

function roomOf(pathname: string): RoomId | "bad" | undefined {
  const name = /^\/ws\/([^/]+)$/.exec(pathname)?.[1];
  if (name === undefined) return pathname === "/ws" || pathname === "/ws/" ? undefined : "bad";
  return parsePublicRoomId(name) ?? "bad";
}

/** Without a subprotocol a room's path speaks seed 1's dialect; bare /ws speaks the main one. */
function dialectOf(offered: string | undefined, room_id: RoomId | undefined): Dialect | undefined {
  if (offered === undefined) return room_id === undefined ? mangahubV1 : roomDialect;
  return offered.split(",").some((name) => name.trim() === SUBPROTOCOL) ? mangahubV1 : undefined;
}

function present(value: string | null): string | undefined {
  return value === null || value === "" ? undefined : value;
}
