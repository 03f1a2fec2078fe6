import type { ChatState, RoomView } from "../../chat/chat-state.js";
import type { Entry } from "../../chat/entry.js";
import { plainDay, plainLine } from "./plain-line.js";

/** Prints what is new in a chat, once, in the order it became known. */
export class PlainPrinter {
  readonly #print: (line: string) => void;
  readonly #asJson: boolean;
  #printed = 0;
  #day: string;

  /** `today` (as of `plainDay`) needs no line of its own. */
  constructor(print: (line: string) => void, options: { readonly today: string; readonly json: boolean }) {
    this.#print = print;
    this.#asJson = options.json;
    this.#day = options.today;
  }

  update(state: ChatState): void {
    if (state.next_order - 1 <= this.#printed) return;
    const fresh = [...state.rooms.values()].flatMap((room) => this.#freshIn(room));
    this.#printed = state.next_order - 1;
    for (const { entry, room } of fresh.sort((a, b) => a.entry.order - b.entry.order)) {
      if (this.#asJson) this.#printJson(entry, room);
      else this.#printText(entry, { room, self: state.self });
    }
  }

  #freshIn(room: RoomView): { entry: Entry; room: RoomView }[] {
    return room.entries.filter((entry) => entry.order > this.#printed).map((entry) => ({ entry, room }));
  }

  #printText(entry: Entry, context: { room: RoomView; self: ChatState["self"] }): void {
    const line = plainLine(entry, context);
    if (line === undefined) return;
    const day = plainDay(entry.at);
    if (day !== this.#day) this.#print(`--- ${day} ---`);
    this.#day = day;
    this.#print(line);
  }

  #printJson(entry: Entry, { room_id }: RoomView): void {
    if (entry.kind === "message") this.#print(JSON.stringify(entry.message));
    else if (entry.kind === "presence") {
      this.#print(
        JSON.stringify({ type: entry.came ? "presence.online" : "presence.offline", room_id, ...entry.user }),
      );
    } else if (entry.kind === "notice")
      this.#print(JSON.stringify({ type: "notice", tone: entry.tone, text: entry.text }));
    else if (entry.refusal !== undefined) {
      const { client_id, text, refusal } = entry;
      this.#print(JSON.stringify({ type: "refused", client_id, text, refusal }));
    }
  }
}
