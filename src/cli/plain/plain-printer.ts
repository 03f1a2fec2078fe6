import type { ChatState, RoomView } from "../../chat/chat-state.js";
import type { Entry } from "../../chat/entry.js";
import type { RoomId } from "../../protocol/room-id.js";
import type { Output } from "../output/output.js";
import { plainDay, plainLines } from "./plain-line.js";

/** Prints what is new in a chat, once, in the order it became known. */
export class PlainPrinter {
  readonly #output: Pick<Output, "print" | "printJson">;
  readonly #asJson: boolean;
  #printed = 0;
  #day: string;

  /** `today` (as of `plainDay`) needs no line of its own. */
  constructor(
    output: Pick<Output, "print" | "printJson">,
    options: { readonly today: string; readonly json: boolean },
  ) {
    this.#output = output;
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
    const lines = plainLines(entry, context);
    if (lines.length === 0) return;
    const day = plainDay(entry.at);
    if (day !== this.#day) this.#output.print(`--- ${day} ---`);
    this.#day = day;
    this.#output.print(...lines);
  }

  #printJson(entry: Entry, { room_id }: RoomView): void {
    const value = jsonOf(entry, room_id);
    if (value !== undefined) this.#output.printJson(value);
  }
}

/** Messages as they are; everything else says its type. */
function jsonOf(entry: Entry, room_id: RoomId): object | undefined {
  switch (entry.kind) {
    case "message":
      return entry.message;
    case "call":
      return { type: "call.ended", ...entry.record };
    case "ringing":
      return { type: "call.incoming", ...entry.call };
    case "presence":
      return { type: entry.came ? "presence.online" : "presence.offline", room_id, ...entry.user };
    case "notice":
      return { type: "notice", tone: entry.tone, text: entry.text };
    case "outgoing": {
      const { client_id, text, refusal } = entry;
      return refusal && { type: "refused", client_id, text, refusal };
    }
  }
}
