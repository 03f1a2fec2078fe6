import { roomIdOfTitle, ROOM_RULE, type RoomId } from "../protocol/room-id.js";
import { type Parsed, textOption } from "./command-spec.js";
import { MangahubError } from "./mangahub-error.js";
import { parseMoment } from "./moment.js";

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
  readonly to?: string;
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
  return {
    ...placeOption(options),
    ...numberOption(options, { name: "replyTo", flag: "--reply-to", key: "reply_to" }),
  };
}

export function historyOptions({ options }: Parsed, now_ms: number): ChatHistoryOptions {
  const since = textOption(options, "since");
  return {
    ...placeOption(options),
    ...numberOption(options, { name: "limit", flag: "--limit", key: "limit" }),
    ...numberOption(options, { name: "before", flag: "--before", key: "before" }),
    ...optional("since_ms", since === undefined ? undefined : sinceOf(since, now_ms)),
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

/** A room, or the other person of a direct conversation, whom `--with` names as well as `--to`. */
function placeOption(options: Parsed["options"]): { readonly room?: RoomId; readonly to?: string } {
  const to = textOption(options, "to");
  const other = textOption(options, "with");
  if (to !== undefined && other !== undefined && to !== other) {
    throw usage(`--to ${to} and --with ${other} name two people`, "they mean the same; give one of them");
  }
  const chosen = { ...roomOption(options), ...optional("to", to ?? other) };
  if (chosen.room !== undefined && chosen.to !== undefined) throw usage("--to and --room exclude each other");
  return chosen;
}

/** `--room` and `--manga-id` mean the same; naming two different rooms is a mistake. */
function roomOption(options: Parsed["options"]): { readonly room?: RoomId } {
  const room = textOption(options, "room");
  const manga = textOption(options, "mangaId");
  const [id, other = id] = [room, manga].flatMap((text) => (text === undefined ? [] : [roomNamed(text)]));
  if (id !== other) {
    throw usage(`--room ${room} and --manga-id ${manga} name two rooms`, "they mean the same; give one of them");
  }
  return optional("room", id);
}

function roomNamed(text: string): RoomId {
  const id = roomIdOfTitle(text);
  if (id === undefined) throw usage(`${JSON.stringify(text)} is not a room`, ROOM_RULE);
  return id;
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

function sinceOf(text: string, now_ms: number): number {
  const moment = parseMoment(text, now_ms);
  if (moment !== undefined) return moment;
  throw usage(
    `--since is ${JSON.stringify(text)}`,
    "give a day such as 2026-11-21 or a time such as 2026-11-21T10:00 (yours; with Z or +09:00 behind it that zone's), or an age such as 2h or 1d",
  );
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  // as: TypeScript widens a computed key to string.
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function usage(message: string, hint?: string): MangahubError {
  return new MangahubError("usage", message, hint === undefined ? {} : { hint });
}
