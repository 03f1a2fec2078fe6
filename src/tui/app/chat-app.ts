import { type ChatState, currentRoom, roomTitle, undeliveredText } from "../../chat/chat-state.js";
import type { Session, SessionEnd } from "../../session/session.js";
import { lineFault } from "../../session/line-fault.js";
import { loadOlder } from "../../session/slash/history.js";
import { editorColumns } from "../chrome/input-lines.js";
import { type EditorAction, editorMode, type EditorState } from "../editor/editor-state.js";
import { reduceEditor } from "../editor/reduce-editor.js";
import { inputOf, type RoomInputs, withInput } from "../editor/room-inputs.js";
import { mentionTest } from "../../chat/mention.js";
import { type AppAction, type Intent, intentOf } from "../keys/bindings.js";
import type { KeyEvent } from "../keys/key-event.js";
import type { ListMove, ScrollAnchor } from "../messages/message-list.js";
import { type ScreenEnd, type ScreenView, scheduleTimer, type TerminalScreen } from "../screen/terminal-screen.js";
import type { Theme } from "../theme.js";
import { Bell } from "./bell.js";
import { ChatPainter, type Scene } from "./chat-painter.js";
import { completionsFor, unaskedCompletions } from "./completions.js";
import { Departure } from "./departure.js";
import { directRoomWith } from "./direct-room.js";
import { ReadingPlace } from "./reading-place.js";
import { RepaintTimer } from "./repaint-timer.js";
import { ServerWatch } from "./server-watch.js";
import { untilChangeMs } from "./until-change.js";

/** How the chat was left: at the person's wish, by a signal, or by the server. */
export type ChatEnd = { readonly interrupted: boolean } & SessionEnd;

export type ChatAppOptions = {
  readonly session: Session;
  readonly screen: TerminalScreen;
  readonly theme: Theme;
  /** Brings the session to life; the chat is shown meanwhile. */
  readonly connect: (signal: AbortSignal) => Promise<void>;
};

const OLDER_COUNT = 100;

/** The full-screen chat: what the session holds and what is typed, on one screen. */
export class ChatApp implements ScreenView {
  readonly #options: ChatAppOptions;
  readonly #session: Session;
  readonly #painter: ChatPainter;
  readonly #place: ReadingPlace;
  readonly #bell: Bell;
  readonly #watch: ServerWatch;
  readonly #timer: RepaintTimer;
  readonly #departure: Departure;
  readonly #abort = new AbortController();
  #before: ChatState;
  #inputs: RoomInputs = new Map();
  #anchor: ScrollAnchor | undefined;
  #help: number | undefined;
  #hint = "";
  #hasBeenReady = false;
  #isLoading = false;
  /** The reader went up: what is older than the top is wanted once that is in sight. */
  #wantsOlder = false;

  constructor(options: ChatAppOptions) {
    const { session, theme } = options;
    const now = session.parts.now();
    this.#options = options;
    this.#session = session;
    this.#painter = new ChatPainter(theme, now);
    this.#place = new ReadingPlace({ cache: session.parts.cache, marking: session.marking, startedMs: now });
    this.#bell = new Bell(now);
    this.#departure = new Departure(session);
    this.#watch = new ServerWatch(session);
    this.#timer = new RepaintTimer(scheduleTimer, () => this.paint());
    this.#before = session.store.getState();
  }

  /** Shows the chat until the person leaves. Rejects if the server lets nobody in. */
  async run(): Promise<ChatEnd> {
    const { screen, connect } = this.#options;
    this.#place.follow(this.#before, this.#before, this.#now);
    this.#session.company.touch();
    screen.show(this);
    const unsubscribe = this.#session.store.subscribe(() => this.#onChange());
    try {
      const refused = connect(this.#abort.signal).then(
        () => this.#session.ended,
        // Whoever left while it was tried does not want to know.
        (error: unknown) => (this.#departure.isUnderWay ? this.#session.ended : Promise.reject(error)),
      );
      const end = await Promise.race([this.#session.ended, refused, this.#departure.hurried]);
      return { ...end, interrupted: this.#departure.interrupted };
    } finally {
      unsubscribe();
      this.#abort.abort();
      this.#timer.cancel();
      this.#painter.close();
    }
  }

  onKey(event: KeyEvent): void {
    const state = this.#session.store.getState();
    if (event.type === "focus") {
      this.#place.onFocus(event.focused, state, this.#now);
      return;
    }
    this.#session.company.touch();
    this.#place.onKey(this.#now);
    this.#departure.nextKey();
    this.#hint = "";
    const editor = this.#editor;
    const intent = intentOf(event, {
      mode: this.#help === undefined ? editorMode(editor) : "overlay",
      empty: editor.text === "",
      scrolled: this.#anchor !== undefined,
      columns: editorColumns(state.self.username, this.#options.screen.size.columns, this.#options.theme),
    });
    if (intent !== undefined) this.#follow(intent);
  }

  paint(): void {
    const { screen } = this.#options;
    const scene = this.#scene;
    const { frame, window, shown, help } = this.#painter.paint(scene, screen.size);
    this.#anchor = window.anchor;
    this.#help = help;
    if (this.#bell.isDue(scene.state, mentionTest(scene.state.self.username), scene.nowMs)) screen.ring();
    screen.paint(frame);
    if (this.#wantsOlder && window.atTop) void this.#loadOlder();
    this.#wantsOlder = false;
    this.#watch.tick(scene.nowMs);
    this.#timer.painted(performance.now(), untilChangeMs(scene.state, scene.nowMs));
    this.#place.see(scene.state, shown, scene.nowMs); // last: what it changes is for the next frame
  }

  onEnd(_end: ScreenEnd): void {
    this.#leave({ interrupted: true });
  }

  get #now(): number {
    return this.#session.parts.now();
  }

  get #editor(): EditorState {
    return inputOf(this.#inputs, this.#session.store.getState().current);
  }

  get #scene(): Scene {
    const state = this.#session.store.getState();
    return {
      state,
      editor: this.#editor,
      anchor: this.#anchor,
      unseen: this.#place.unseen,
      help: this.#help,
      hint: this.#hint,
      leaving: this.#departure.isUnderWay,
      nowMs: this.#now,
    };
  }

  #follow(intent: Intent): void {
    if (intent.to === "editor") this.#edit(intent.action);
    else if (intent.to === "list") this.#move(intent.move);
    else this.#act(intent.action);
  }

  #edit(action: EditorAction): void {
    const room_id = this.#session.store.getState().current;
    const before = this.#editor.text;
    const fault = action.type === "submit" ? lineFault(before) : undefined;
    if (fault !== undefined) return this.#refuse(fault);
    const { state, submitted, refused } = reduceEditor(this.#editor, action);
    if (refused !== undefined) return this.#refuse(refused);
    const unasked = action.type === "insert" || action.type === "deleteBack" ? unaskedCompletions(state) : undefined;
    const next = unasked === undefined ? state : reduceEditor(state, { type: "offer", offer: unasked }).state;
    this.#inputs = withInput(this.#inputs, room_id, next);
    if (next.text !== before) this.#session.company.drafted(room_id, next.text);
    if (submitted !== undefined) this.#submit(submitted);
  }

  /** Says among the messages, where there is room for it, why the input stays as it is. */
  #refuse(fault: string): void {
    this.#anchor = undefined;
    this.#session.notice(fault, "error");
  }

  #submit(text: string): void {
    this.#anchor = undefined;
    if (!/^\/(?!\/)/.test(text)) this.#place.readAll(this.#session.store.getState());
    const [, command, argument = ""] = /^\s*\/(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
    if (command === "help") this.#help = 0;
    else if (command === "quit") this.#leave({ interrupted: false });
    else if (command === "pm" && /^@?(\S+|"[^"]+")$/.test(argument)) this.#openDirect(argument);
    else void this.#session.submit(text);
  }

  #openDirect(username: string): void {
    const room_id = directRoomWith(this.#session.store.getState(), username);
    if (room_id !== undefined) void this.#session.enter(room_id);
    else this.#session.notice(`no direct messages with ${username} yet: write /pm ${username} <message>`);
  }

  #move(move: ListMove): void {
    const { screen } = this.#options;
    if (this.#help !== undefined) {
      const page = Math.max(1, screen.size.rows - 3);
      const steps = { lineUp: -1, lineDown: 1, pageUp: -page, pageDown: page, top: -1e6, bottom: 1e6 };
      this.#help = Math.max(0, this.#help + steps[move]);
      return;
    }
    this.#anchor = this.#painter.scroll(this.#scene, move, screen.size);
    if (move === "bottom") this.#place.readAll(this.#session.store.getState());
    this.#wantsOlder = move === "pageUp" || move === "lineUp" || move === "top";
  }

  async #loadOlder(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const room = currentRoom(this.#session.store.getState());
    try {
      const count = await loadOlder(this.#session, OLDER_COUNT);
      this.#hint = count === 0 ? `that is the beginning of ${roomTitle(room)}` : "";
    } catch (error) {
      // Nothing is lost by it; it may be tried again with the next key.
      this.#hint = error instanceof Error ? error.message : String(error);
    } finally {
      this.#isLoading = false;
      this.#timer.soon(performance.now());
    }
  }

  #act(action: AppAction): void {
    const { screen } = this.#options;
    const actions: { readonly [A in AppAction]: () => void } = {
      interrupt: () => this.#interrupt(),
      quit: () => this.#leave({ interrupted: false }),
      suspend: () => screen.suspend(),
      redraw: () => screen.redraw(),
      help: () => {
        this.#help = 0;
      },
      complete: () => this.#complete(),
      dismiss: () => this.#dismiss(),
    };
    actions[action]();
  }

  /** Ctrl-C takes back what is open or typed; when there is nothing to take back, it leaves, at the second time. */
  #interrupt(): void {
    const editor = this.#editor;
    if (this.#departure.isUnderWay) this.#leave({ interrupted: false });
    else if (this.#help !== undefined) this.#help = undefined;
    else if (editor.question !== undefined) this.#edit({ type: "answer", answer: "drop" });
    else if (editor.text !== "") this.#edit({ type: "clear" });
    else if (this.#departure.isConfirmed()) this.#leave({ interrupted: false });
    else this.#hint = "Ctrl-C again leaves";
  }

  #dismiss(): void {
    if (this.#help !== undefined) this.#help = undefined;
    else this.#place.dismiss(this.#session.store.getState());
  }

  #complete(): void {
    const sources = { state: this.#session.store.getState(), listedRooms: this.#watch.listedRooms };
    const offer = completionsFor(this.#editor, sources);
    if (/^\/(join|manga)\s/.test(this.#editor.text)) void this.#watch.listRooms();
    if (offer.candidates.length === 0) return;
    this.#edit({ type: "offer", offer });
    this.#edit({ type: "completeNext" });
  }

  #leave(how: { readonly interrupted: boolean }): void {
    this.#departure.begin(how);
    this.#abort.abort();
    this.#timer.soon(performance.now());
  }

  #onChange(): void {
    const state = this.#session.store.getState();
    const before = this.#before;
    this.#before = state;
    if (state.current !== before.current) this.#anchor = undefined;
    this.#place.follow(state, before, this.#now);
    if (state.link.status === "ready" && before.link.status !== "ready") this.#onReady(state);
    this.#timer.soon(performance.now());
  }

  #onReady(state: ChatState): void {
    const kept = state.waiting.size === 0 ? "" : `, ${undeliveredText(state)}`;
    const { username } = state.self;
    this.#hint = !this.#hasBeenReady
      ? `you are ${username} in ${roomTitle(currentRoom(state))}${kept}; /help for help`
      : "";
    this.#hasBeenReady = true;
    void this.#watch.measure();
    void this.#watch.listRooms();
  }
}
