import type { IncomingMessage } from "node:http";
import { type Failure, failure } from "../../protocol/error-code.js";
import { SUBPROTOCOL } from "../../protocol/frame.js";
import { parsePublicRoomId, type RoomId, ROOM_RULE } from "../../protocol/room-id.js";
import { coerceUsername } from "../../protocol/user-id.js";
import type { Introduction } from "../auth/identification.js";
import { bearerOf } from "../request/bearer.js";
import { headerList } from "../request/header-list.js";
import { isSocketPath } from "../request/socket-path.js";
import { targetOf } from "../request/target.js";
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

/** Reads path, query and headers; a refusal says what is wrong with them. */
export function readUpgrade(
  request: IncomingMessage,
  remote: Remote | undefined,
  rule: OriginRule,
): UpgradeRequest | Refusal {
  const fault = faultOf(request, remote, rule);
  if (fault !== undefined) return { status: 403, failure: failure("forbidden", fault) };
  const target = targetOf(request.url);
  if (!isSocketPath(target.path)) return NO_SUCH_PATH;
  const query = new URLSearchParams(target.query);
  const secret = rule.may_carry_token ? undefined : SECRETS.find((name) => query.has(name));
  if (secret !== undefined) return refuse(400, tokenInAddress(secret));
  const room = roomOf(target.path);
  if (room === "bad") return refuse(400, failure("bad_payload", ROOM_RULE, { field: "room" }));
  const dialect = dialectOf(request.headers["sec-websocket-protocol"], room);
  if (dialect === undefined) {
    return refuse(
      400,
      failure("bad_frame", `this hub speaks ${SUBPROTOCOL}, and the room dialect without a subprotocol`),
    );
  }
  const introduction = introductionOf(request, query, dialect);
  return { room_id: room, dialect, introduction, key_follows: query.get("auth") === "frame" };
}

/** Why a request is turned away whatever it asks for, or undefined. */
function faultOf({ headers }: IncomingMessage, remote: Remote | undefined, rule: OriginRule): string | undefined {
  if (remote === undefined) return CONTRADICTION;
  return originFault({ ...remote, origin: headers.origin }, rule) ?? cookieFault(headers);
}

function introductionOf({ headers }: IncomingMessage, query: URLSearchParams, dialect: Dialect): Introduction {
  const username = present(query.get("username"));
  // Written out: an object put together out of others would have a shape of its own for every connection.
  return {
    user_id: present(query.get("user_id")),
    // Who cannot be told what is wrong with a name gets one that is like it.
    username: username === undefined || dialect.tells_failures ? username : coerceUsername(username),
    ticket: present(query.get("ticket")),
    key: bearerOf(headers.authorization),
  };
}

/** For an upgrade of any other path. */
export const NO_SUCH_PATH = refuse(
  404,
  failure("not_found", "there is nothing here: the hub's paths are /ws and /ws/:room"),
);

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

function roomOf(path: string): RoomId | "bad" | undefined {
  const name = /^\/ws\/([^/]+)\/?$/.exec(path)?.[1];
  if (name === undefined) return path === "/ws" || path === "/ws/" ? undefined : "bad";
  return parsePublicRoomId(name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())) ?? "bad";
}

/** Without a subprotocol a room's path speaks seed 1's dialect; bare /ws speaks the main one. */
function dialectOf(offered: string | undefined, room_id: RoomId | undefined): Dialect | undefined {
  if (offered === undefined) return room_id === undefined ? mangahubV1 : roomDialect;
  return headerList(offered).includes(SUBPROTOCOL) ? mangahubV1 : undefined;
}

function present(value: string | null): string | undefined {
  return value === null || value === "" ? undefined : value;
}
