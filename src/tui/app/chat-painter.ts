import type { ChatState } from "../../chat/chat-state.js";
import type { Entry as ChatEntry } from "../../chat/entry.js";
import { typistsIn } from "../../chat/people.js";
import { callLine } from "../chrome/call-line.js";
import { ChromeRenderer } from "../chrome/chrome-renderer.js";
import type { ChromeLines } from "../chrome/chrome.js";
import { helpLines } from "../chrome/help-lines.js";
import { type InputLines, inputLines } from "../chrome/input-lines.js";
import { statusLine } from "../chrome/status-line.js";
import { titleLine } from "../chrome/title-line.js";
import { typingLine } from "../chrome/typing-line.js";
import type { EditorState } from "../editor/editor-state.js";
import { popupLines } from "../editor/view-popup.js";
import { RoomFeed } from "../feed/room-feed.js";
import type { Unseen } from "../feed/unread.js";
import { type Clock, localClock } from "../messages/clock.js";
import type { Formatting } from "../messages/format-entry.js";
import { LineCache } from "../messages/line-cache.js";
import { type ListMove, listWindow, type ListWindow, type ScrollAnchor, scrollList } from "../messages/message-list.js";
import { messageLayout } from "../messages/message-layout.js";
import { composeFrame } from "../screen/compose-frame.js";
import type { Frame, Size } from "../screen/frame.js";
import { overlayBox } from "../screen/overlay-box.js";
import { planScreen, type ScreenPlan } from "../screen/screen-plan.js";
import type { StyledLine } from "../text/styled-line.js";
import { wrapText } from "../text/wrap.js";
import type { Theme } from "../theme.js";

/** All that is shown: the chat, and what belongs to this screen alone. */
export type Scene = {
  readonly state: ChatState;
  readonly editor: EditorState;
  readonly anchor: ScrollAnchor | undefined;
  readonly unseen: Unseen | undefined;
  /** Lines of the help that are scrolled out above; undefined if it is closed. */
  readonly help: number | undefined;
  readonly hint: string;
  readonly leaving: boolean;
  readonly nowMs: number;
};

/** A frame, and what its making brought to light. */
export type Painting = {
  readonly frame: Frame;
  readonly window: ListWindow;
  /** What of the chat is to be seen in it; nothing while the help lies over it. */
  readonly shown: readonly ChatEntry[];
  /** The help's scroll offset, brought into bounds. */
  readonly help: number | undefined;
};

const MAX_POPUP_ROWS = 8;
/** Border and padding of the overlay. */
const BOX_COLUMNS = 4;
const ALL_ROWS = 99;
const EMPTY_ROOM = "nothing has been said here yet: write the first message";

/** Makes frames out of scenes: messages from the line cache, the chrome through Ink. */
export class ChatPainter {
  readonly #theme: Theme;
  readonly #clock: Clock = localClock();
  readonly #cache = new LineCache();
  readonly #renderer = new ChromeRenderer();
  readonly #feed: RoomFeed;
  #size: Size = { columns: 0, rows: 0 };
  #formatting: Formatting | undefined;

  constructor(theme: Theme, startedMs: number) {
    this.#theme = theme;
    this.#feed = new RoomFeed(this.#clock, startedMs);
  }

  paint(scene: Scene, size: Size): Painting {
    const theme = this.#theme;
    const { input, plan } = this.#layOut(scene, size);
    const window = listWindow(this.#list(scene, plan, size));
    const box = scene.help === undefined ? undefined : this.#helpBox(scene.help, size);
    const drawn = this.#renderer.draw(
      { ...this.#chrome(scene, { plan, window, size }), input: input.lines, overlay: box?.lines ?? [] },
      size,
    );
    const { overlay, popup, ...rows } = drawn;
    const messages = window.lines.length === 0 ? this.#emptyRoom(scene.state, size.columns) : window.lines;
    const regions = { ...rows, popup, messages, cursor: input.cursor, ...(box === undefined ? {} : { overlay }) };
    const shown = box === undefined ? this.#feed.sourcesOf(window.shown) : [];
    return { frame: composeFrame(size, plan, { regions, theme }), window, shown, help: box?.offset };
  }

  /** The anchor after a move of the list. */
  scroll(scene: Scene, move: ListMove, size: Size): ScrollAnchor | undefined {
    return scrollList(this.#list(scene, this.#layOut(scene, size).plan, size), move);
  }

  close(): void {
    this.#renderer.close();
  }

  #layOut({ editor, state }: Scene, size: Size): { readonly input: InputLines; readonly plan: ScreenPlan } {
    const maxRows = planScreen(size, ALL_ROWS).input;
    const { username } = state.self;
    const input = inputLines({ editor, username }, { columns: size.columns, maxRows }, this.#theme);
    return { input, plan: planScreen(size, input.lines.length) };
  }

  #list({ state, unseen, anchor }: Scene, plan: ScreenPlan, size: Size) {
    const entries = this.#feed.entriesOf(state, unseen);
    return { entries, anchor, height: plan.messages, formatting: this.#formattingFor(size), cache: this.#cache };
  }

  /** The same object as long as the size is the same: cached lines are known by it. */
  #formattingFor(size: Size): Formatting {
    const { columns, rows } = this.#size;
    if (this.#formatting !== undefined && columns === size.columns && rows === size.rows) return this.#formatting;
    this.#size = size;
    this.#formatting = { layout: messageLayout(size), theme: this.#theme, clock: this.#clock };
    return this.#formatting;
  }

  #chrome(
    { state, editor, hint, leaving, nowMs }: Scene,
    { plan, window, size }: { readonly plan: ScreenPlan; readonly window: ListWindow; readonly size: Size },
  ): Omit<ChromeLines, "input" | "overlay"> {
    const theme = this.#theme;
    const { columns } = size;
    const isLow = plan.typing === 0;
    const said = hint === "" && !isLow ? awayText(state) : hint;
    const below = window.anchor === undefined ? undefined : window.below;
    const typists = typistsIn(state, state.current, nowMs);
    const status = statusLine(state, { nowMs, clock: this.#clock, leaving }, { size, theme });
    const maxRows = Math.min(MAX_POPUP_ROWS, plan.messages);
    return {
      title: plan.title === 0 ? [] : [topLine(state, columns, theme)],
      typing: isLow ? [] : [typingLine({ hint: said, below, typists }, columns, theme)],
      status: plan.status === 0 ? [] : [isLow && said !== "" ? lowLine(said, columns, theme) : status],
      popup: editor.completion === undefined ? [] : popupLines(editor.completion, { columns, maxRows }, theme),
    };
  }

  #helpBox(offset: number, size: Size) {
    const lines = helpLines(size.columns - BOX_COLUMNS, this.#theme.glyphs);
    return overlayBox({ title: "help", lines, offset }, size, this.#theme);
  }

  #emptyRoom({ link }: ChatState, columns: number): readonly string[] {
    if (link.status !== "ready") return [];
    const rows = wrapText(EMPTY_ROOM, Math.max(2, columns - 2));
    const { paint, styles } = this.#theme;
    return [...rows.map(({ from, end }) => ` ${paint(styles.quiet, EMPTY_ROOM.slice(from, end))}`), ""];
  }
}

function awayText({ link }: ChatState): string {
  return link.status === "waiting" ? "no connection: what you write is kept and sent later" : "";
}

/** On a low screen, which has no row for it, a hint has the status's place until the next key. */
function lowLine(hint: string, columns: number, theme: Theme): StyledLine {
  return typingLine({ hint, below: undefined }, columns, theme);
}

/** Who calls has the title's place. */
function topLine(state: ChatState, columns: number, theme: Theme): StyledLine {
  const { ringing } = state;
  return ringing === undefined ? titleLine(state, columns, theme) : callLine(ringing, columns, theme);
}
