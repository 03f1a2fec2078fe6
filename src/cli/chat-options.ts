import { parsePublicRoomId, ROOM_RULE, type RoomId } from "../protocol/room-id.js";
import { type Parsed, textOption } from "./command-spec.js";
import { MangahubError } from "./mangahub-error.js";

export type ChatJoinOptions = { readonly room?: RoomId; readonly plain: boolean };

export type ChatSendOptions = {
  readonly room?: RoomId;
  /** A person, by id or name; never together with a room. */
  readonly to?: string;
  /** The seq of the message this one answers. */
  readonly reply_to?: number;
};

export type ChatHistoryOptions = {
  readonly room?: RoomId;
  /** Direct messages with this person; never together with a room. */
  readonly with?: string;
  readonly limit?: number;
  /** Only messages with a lower seq. */
  readonly before?: number;
  /** Only messages from then on, in ms since 1970. */
  readonly since_ms?: number;
  readonly follow: boolean;
};

export type ChatUsersOptions = { readonly room?: RoomId };

/** What to do with the outbox: list it (neither given), send refused ones again, or drop one or all. */
export type ChatOutboxOptions = { readonly retry: boolean; readonly drop?: string };

export function joinOptions({ options }: Parsed): ChatJoinOptions {
  return { ...roomOption(options), plain: options["plain"] === true };
}

export function sendOptions({ options }: Parsed): ChatSendOptions {
  const to = textOption(options, "to");
  const chosen = { ...roomOption(options), ...optional("to", to) };
  if (chosen.room !== undefined && to !== undefined) throw usage("--to and --room exclude each other");
  return { ...chosen, ...numberOption(options, { name: "replyTo", flag: "--reply-to", key: "reply_to" }) };
}

export function historyOptions({ options }: Parsed, now_ms: number): ChatHistoryOptions {
  const other = textOption(options, "with");
  const room = roomOption(options);
  if (room.room !== undefined && other !== undefined) throw usage("--with and --room exclude each other");
  const since = textOption(options, "since");
  return {
    ...room,
    ...optional("with", other),
    ...numberOption(options, { name: "limit", flag: "--limit", key: "limit" }),
    ...numberOption(options, { name: "before", flag: "--before", key: "before" }),
    ...optional("since_ms", since === undefined ? undefined : parseSince(since, now_ms)),
    follow: options["follow"] === true,
  };
}

export function usersOptions({ options }: Parsed): ChatUsersOptions {
  return roomOption(options);
}

export function outboxOptions({ options }: Parsed): ChatOutboxOptions {
  const drop = textOption(options, "drop");
  const retry = options["retry"] === true;
  if (retry && drop !== undefined) throw usage("--retry and --drop exclude each other");
  return { retry, ...optional("drop", drop) };
}

/** `--room` and `--manga-id` mean the same; naming two different rooms is a mistake. */
function roomOption(options: Parsed["options"]): { readonly room?: RoomId } {
  const room = textOption(options, "room");
  const manga = textOption(options, "mangaId");
  if (room !== undefined && manga !== undefined && room !== manga) {
    throw usage(`--room ${room} and --manga-id ${manga} name two rooms`, "they mean the same; give one of them");
  }
  const text = room ?? manga;
  if (text === undefined) return {};
  const id = parsePublicRoomId(text);
  if (id === undefined) throw usage(`${JSON.stringify(text)} is not a room`, ROOM_RULE);
  return { room: id };
}

function numberOption<K extends string>(
  options: Parsed["options"],
  { name, flag, key }: { readonly name: string; readonly flag: string; readonly key: K },
): { readonly [P in K]?: number } {
  const text = textOption(options, name);
  if (text === undefined) return {};
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw usage(`${flag} is ${JSON.stringify(text)}`, "give a whole number from 1");
  return optional(key, value);
}

const AGO = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A moment as RFC 3339 (`2026-11-21T10:00:00Z`, `2026-11-21`) or as an age (`2h`, `1d ago`), in ms since 1970. */
function parseSince(text: string, now_ms: number): number {
  const age = /^(\d{1,6}) ?([smhdw])(?: ago)?$/.exec(text.trim());
  const unit = Object.entries(AGO).find(([letter]) => letter === age?.[2])?.[1];
  if (age !== null && unit !== undefined) return now_ms - Number(age[1]) * unit;
  const moment = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw usage(
    `--since is ${JSON.stringify(text)}`,
    "give a moment such as 2026-11-21T10:00:00Z, or an age such as 2h or 1d",
  );
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // as: TypeScript widens a computed key to string.
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function usage(message: string, hint?: string): MangahubError {
  return new MangahubError("usage", message, hint === undefined ? {} : { hint });
}
