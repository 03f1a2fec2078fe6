import type { RingingCall } from "../../chat/entry.js";
import { showableLine } from "../text/clean.js";
import type { StyledLine } from "../text/styled-line.js";
import type { Theme } from "../theme.js";
import { spread } from "./title-line.js";

/** The topmost row while somebody calls; the line among the messages says where to answer. */
export function callLine({ from, media }: RingingCall, columns: number, theme: Theme): StyledLine {
  const { glyphs, styles, paint } = theme;
  const what = media === "video" ? " with video" : "";
  const left = ` ${glyphs.call} ${showableLine(from.username)} is calling${what}`;
  return paint(
    { ...styles.chrome, ...styles.unread },
    spread({ left, right: "/call tells how to answer, /decline declines " }, columns, theme),
  );
}
