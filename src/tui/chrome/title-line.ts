import { type ChatState, currentRoom, type RoomView, roomTitle } from "../../chat/chat-state.js";
import { awayCount, peerPresence, peopleCount } from "../../chat/people.js";
import { showableLine } from "../text/clean.js";
import { fit, truncate } from "../text/fit.js";
import type { StyledLine } from "../text/styled-line.js";
import { textWidth } from "../text/width.js";
import type { Theme } from "../theme.js";
import { statusText } from "./status-text.js";

/** The topmost row: which room this is, and who is there, or how the other one is. */
export function titleLine(state: ChatState, columns: number, theme: Theme): StyledLine {
  const room = currentRoom(state);
  const right = room.peer === undefined ? peopleText(state, room, theme) : peerText(state, room, theme);
  return theme.paint(theme.styles.chrome, spread({ left: titleText(room, theme), right }, columns, theme));
}

/** Two texts at the two ends of a row of exactly `columns` cells; the right one goes first when there is no room. */
export function spread(
  { left, right }: { readonly left: string; readonly right: string },
  columns: number,
  theme: Theme,
): string {
  const mark = theme.glyphs.sending;
  const room = columns - textWidth(right);
  if (right === "" || room < Math.min(textWidth(left), 8) + 1) return fit(left, columns, { mark });
  return fit(truncate(left, room - 1, mark), room, { mark }) + right;
}

function titleText(room: RoomView, { glyphs }: Theme): string {
  const title = ` ${showableLine(roomTitle(room))}`;
  return room.peer === undefined ? title : `${title} ${glyphs.separator} direct messages`;
}

function peopleText(state: ChatState, room: RoomView, { glyphs }: Theme): string {
  const count = peopleCount(room);
  const away = awayCount(state, room);
  return count === 0 ? "" : `${count} online${away === 0 ? "" : ` ${glyphs.separator} ${away} away`} `;
}

function peerText(state: ChatState, room: RoomView, theme: Theme): string {
  const presence = peerPresence(state, room);
  return presence === undefined ? "" : `${statusText(presence, theme)} `;
}
