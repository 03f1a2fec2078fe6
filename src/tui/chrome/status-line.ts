import { type ChatState, currentRoom, type RoomView, roomTitle, undeliveredText } from "../../chat/chat-state.js";
import type { Clock } from "../messages/clock.js";
import { showableLine } from "../text/clean.js";
import { truncate } from "../text/fit.js";
import type { StyledLine } from "../text/styled-line.js";
import type { Theme } from "../theme.js";
import type { Size } from "../screen/frame.js";
import { textWidth } from "../text/width.js";
import { statusText } from "./status-text.js";
import { spread } from "./title-line.js";

const MAX_ROOM_COLUMNS = 20;
const GAP = "  ";
/** `+256`, and the gap before it. */
const COUNT_COLUMNS = 6;

/** The moment, and what of the program is not in the chat's state. */
export type StatusNow = {
  readonly nowMs: number;
  readonly clock: Clock;
  /** Said in place of the connection while it is so: the chat is being left. */
  readonly leaving?: boolean;
};

/** The row above the input: rooms with news, what waits, the connection, the time. */
export function statusLine(
  state: ChatState,
  now: StatusNow,
  { size, theme }: { size: Size; theme: Theme },
): StyledLine {
  const narrow = size.columns < 60 || size.rows < 12;
  const right = [
    ownText(state, narrow, theme),
    outboxText(state),
    linkText(state, now, theme),
    narrow ? "" : now.clock.time(now.nowMs),
  ];
  const end = `${right.filter((text) => text !== "").join("  ")} `;
  const room = size.columns - textWidth(end) - 2;
  const left = narrow ? shortRooms(state, theme).join("  ") : allRooms(state, room, theme);
  const texts = { left: ` ${left}`, right: end };
  return theme.paint(theme.styles.chrome, spread(texts, size.columns, theme));
}

/** When the text of the connection will read differently by itself; undefined if it will not. */
export function nextCountdownMs({ link }: ChatState, nowMs: number): number | undefined {
  if (link.status !== "waiting" || link.retry_at === undefined || link.retry_at <= nowMs) return undefined;
  return (link.retry_at - nowMs) % 1000 || 1000;
}

/** How we appear, where that is not simply online. */
function ownText({ own }: ChatState, narrow: boolean, theme: Theme): string {
  if (own.status === "online") return "";
  return narrow ? statusText({ status: own.status }, theme) : statusText(own, theme);
}

function outboxText({ waiting, refused, link }: ChatState): string {
  // A message or two on their way over a good connection are no news.
  const isPassing = link.status === "ready" && waiting.size - refused.size < 3;
  return undeliveredText({ waiting: isPassing ? refused : waiting, refused });
}

function linkText({ link }: ChatState, { nowMs, leaving }: StatusNow, { glyphs }: Theme): string {
  if (leaving === true) return `${glyphs.sending} leaving`;
  if (link.status === "ready") return `${glyphs.dot} ${roundTrip(link.round_trip_ms)}`.trimEnd();
  if (link.status !== "waiting" || link.retry_at === undefined) return `${glyphs.sending} connecting`;
  const seconds = Math.ceil((link.retry_at - nowMs) / 1000);
  return seconds <= 0 ? `${glyphs.sending} reconnecting` : `${glyphs.failed} reconnecting in ${seconds} s`;
}

function roundTrip(ms: number | undefined): string {
  if (ms === undefined) return "";
  return ms < 1 ? "<1ms" : `${Math.round(ms)}ms`;
}

type Named = { readonly room: RoomView; readonly text: string; readonly columns: number };

/** The room shown, and those with something unread: as many as there is room for, and how many more there are. */
function allRooms(state: ChatState, columns: number, theme: Theme): string {
  const rooms = [...state.rooms.values()].filter(({ room_id, unread }) => room_id === state.current || unread > 0);
  const named = rooms.map((room): Named => {
    const text = nameWithNews(room, { isPointed: room.room_id === state.current && rooms.length > 1 }, theme);
    return { room, text, columns: textWidth(text) + GAP.length };
  });
  let taken = named.reduce((sum, each) => sum + each.columns, -GAP.length);
  while (taken > columns && named.length > 1) {
    const [left] = named.splice(leastWanted(named, state), 1);
    // The first that is left out makes room for the number of them.
    taken += (named.length === rooms.length - 1 ? COUNT_COLUMNS : 0) - (left?.columns ?? 0);
  }
  const count = rooms.length - named.length;
  return [...named.map(({ text }) => text), ...(count === 0 ? [] : [`+${count}`])].join(GAP);
}

/** Rather than a person, a room is left out; never the one that is shown. */
function leastWanted(named: readonly Named[], { current }: ChatState): number {
  const last = named.findLastIndex(({ room }) => room.room_id !== current && room.peer === undefined);
  return last === -1 ? named.findLastIndex(({ room }) => room.room_id !== current) : last;
}

function nameWithNews(room: RoomView, { isPointed }: { readonly isPointed: boolean }, { glyphs }: Theme): string {
  const name = truncate(roomName(room), MAX_ROOM_COLUMNS, glyphs.sending);
  return `${isPointed ? glyphs.pointer : ""}${name}${room.unread === 0 ? "" : `(${room.unread})`}`;
}

function shortRooms(state: ChatState, theme: Theme): readonly string[] {
  const unread = [...state.rooms.values()].reduce((sum, room) => sum + room.unread, 0);
  const name = truncate(roomName(currentRoom(state)), MAX_ROOM_COLUMNS, theme.glyphs.sending);
  return unread === 0 ? [name] : [name, `(${unread})`];
}

function roomName(room: RoomView): string {
  const title = showableLine(roomTitle(room));
  return room.peer === undefined ? title : `~${title.slice(1)}`;
}
