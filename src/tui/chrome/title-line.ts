import type { RoomView } from "../../chat/chat-state.js";
import { roomTitle } from "../../chat/chat-state.js";
import { showableLine } from "../text/clean.js";
import { fit, truncate } from "../text/fit.js";
import type { StyledLine } from "../text/styled-line.js";
import { textWidth } from "../text/width.js";
import type { Theme } from "../theme.js";

/** The topmost row: which room this is, and who is there. */
export function titleLine(room: RoomView, columns: number, theme: Theme): StyledLine {
  return theme.paint(
    theme.styles.chrome,
    spread({ left: titleText(room, theme), right: peopleText(room) }, columns, theme),
  );
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

function peopleText(room: RoomView): string {
  return room.peer !== undefined || room.people.size === 0 ? "" : `${room.people.size} online `;
}
