import type { AppendResult, EventDraft, EventLog, Range, Store } from "../src/server/log/event-log.js";

/** The same store without group commit: every message waits for the one before it, and is a transaction of its own. */
export function oneByOne(store: Store): Store {
  const { server_id, members, accounts, sessions, marks } = store;
  const events = new OneByOne(store.events);
  return { server_id, members, accounts, sessions, marks, events, close: () => store.close() };
}

class OneByOne implements EventLog {
  readonly #log: EventLog;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: EventLog) {
    this.#log = log;
  }

  async append(drafts: readonly EventDraft[]): Promise<readonly AppendResult[]> {
    const results = await Promise.all(drafts.map((draft) => this.#appendOne(draft)));
    return results.flat();
  }

  openRoom(room: Parameters<EventLog["openRoom"]>[0]): ReturnType<EventLog["openRoom"]> {
    return this.#log.openRoom(room);
  }

  read(range: Range): ReturnType<EventLog["read"]> {
    return this.#log.read(range);
  }

  listRooms(limit: number): ReturnType<EventLog["listRooms"]> {
    return this.#log.listRooms(limit);
  }

  #appendOne(draft: EventDraft): Promise<readonly AppendResult[]> {
    const append = () => this.#log.append([draft]);
    // One that failed was told to its own caller; the next is tried all the same.
    const turn = this.#last.then(append, append);
    this.#last = turn;
    return turn;
  }
}
