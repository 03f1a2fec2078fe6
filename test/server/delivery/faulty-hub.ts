import { messagesOf } from "../../../src/protocol/durable-event.js";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type {
  AppendResult,
  EventDraft,
  EventLog,
  MarkRaise,
  MarkRaised,
  Marks,
  Page,
  Place,
  Range,
  Store,
  UserMark,
} from "../../../src/server/log/event-log.js";
import { openMemoryStore } from "../../../src/server/log/memory/memory-store.js";
import type { FinalDatabase, StoredMark, StoredMessage, StoredRoom } from "../../delivery/verdict.js";

/** A store with a planted bug, and what would be in its database if its process were killed now. */
export type FaultyStore = { readonly store: Store; readonly database: () => FinalDatabase };

type Overrides = Partial<Pick<EventLog, "append" | "read"> & Pick<Marks, "raise">>;

/** A memory store whose log is partly replaced; `disk` is what a kill leaves behind. */
class Planted {
  readonly inner = openMemoryStore();
  readonly disk: StoredMessage[] = [];
  readonly marks = new Map<string, StoredMark>();
  readonly #oldest = 1;

  write(results: readonly AppendResult[]): void {
    for (const result of results) {
      if (result.status !== "stored") continue;
      for (const { id, user_id, room_id, seq, client_id = null, message } of messagesOf([result.event])) {
        this.disk.push({ room_id, epoch: result.epoch, seq, id, user_id, client_id, message });
      }
    }
  }

  writeMark({ room_id, user_id }: Place, { delivered, read, told }: UserMark): void {
    const others = { told_delivered: told.delivered, told_read: told.read };
    this.marks.set(`${room_id} ${user_id}`, { room_id, user_id, delivered, read, ...others });
  }

  async raise(wanted: MarkRaise): Promise<MarkRaised | undefined> {
    const raised = await this.inner.marks.raise(wanted);
    if (raised !== undefined) this.writeMark(wanted, raised.after);
    return raised;
  }

  with({ append, read, raise }: Overrides): FaultyStore {
    const { events, ...rest } = this.inner;
    const log: EventLog = {
      append: append ?? ((drafts) => this.append(drafts)),
      read: read ?? ((range) => events.read(range)),
      openRoom: (room) => events.openRoom(room),
      listRooms: (limit) => events.listRooms(limit),
    };
    const { marks } = this.inner;
    const faulty: Marks = {
      raise: raise ?? ((wanted) => this.raise(wanted)),
      forget: (place) => marks.forget(place),
      marksAt: (places) => marks.marksAt(places),
      conversationsOf: (range) => marks.conversationsOf(range),
      seqOf: (wanted) => marks.seqOf(wanted),
    };
    return { store: { ...rest, events: log, marks: faulty }, database: () => this.#database() };
  }

  async append(drafts: readonly EventDraft[]): Promise<readonly AppendResult[]> {
    const results = await this.inner.events.append(drafts);
    this.write(results);
    return results;
  }

  #database(): FinalDatabase {
    const rooms = new Map<string, StoredRoom>();
    for (const { room_id, epoch, seq } of this.disk) {
      const head = Math.max(seq, rooms.get(room_id)?.head ?? 0);
      rooms.set(room_id, { room_id, epoch, head, oldest: this.#oldest });
    }
    return { rooms: [...rooms.values()], messages: [...this.disk], marks: [...this.marks.values()] };
  }
}

/** No bug: what the others differ from. */
export function soundStore(): FaultyStore {
  return new Planted().with({});
}

/** Acknowledges at once; the disk has only what came before the last message. */
export function acknowledgesBeforeCommit(): FaultyStore {
  const planted = new Planted();
  let uncommitted: readonly AppendResult[] = [];
  return planted.with({
    append: async (drafts) => {
      planted.write(uncommitted);
      uncommitted = await planted.inner.events.append(drafts);
      return uncommitted;
    },
  });
}

/** Reads on one event too late, or too early. */
export function resumesOffBy(error: 1 | -1): FaultyStore {
  const planted = new Planted();
  const read = async (range: Range): Promise<Page | undefined> => {
    const { after } = range;
    return planted.inner.events.read(after === undefined ? range : { ...range, after: after + error });
  };
  return planted.with({ read });
}

/** Does not look whether it knows the client_id. */
export function storesRetriesAgain(): FaultyStore {
  const planted = new Planted();
  let retries = 0;
  const append = async (drafts: readonly EventDraft[]): Promise<readonly AppendResult[]> => {
    retries += 1;
    const unknown = drafts.map((draft) => ({ ...draft, client_id: `${clientIdOf(draft)} ${retries}` }));
    const results = await planted.inner.events.append(unknown);
    const named = results.map((result, index) => withClientId(result, clientIdOf(drafts[index])));
    planted.write(named);
    return named;
  };
  return planted.with({ append });
}

/** Stores the last mark that was asked for, not the highest. */
export function keepsTheLastMark(): FaultyStore {
  const planted = new Planted();
  const last = new Map<string, UserMark>();
  return planted.with({
    raise: async (wanted) => {
      const raised = await planted.inner.marks.raise(wanted);
      if (raised === undefined) return undefined;
      const place = `${wanted.room_id} ${wanted.user_id}`;
      const asked = { read: wanted.read, delivered: Math.max(wanted.delivered, wanted.read) };
      const after = { ...asked, told: asked };
      const before = last.get(place) ?? raised.before;
      last.set(place, after);
      planted.writeMark(wanted, after);
      return { ...raised, before, after };
    },
  });
}

/** Answers a mark at once; the disk has only what came before the last one. */
export function answersMarksBeforeCommit(): FaultyStore {
  const planted = new Planted();
  let uncommitted: (() => void) | undefined;
  return planted.with({
    raise: async (wanted) => {
      uncommitted?.();
      const raised = await planted.inner.marks.raise(wanted);
      uncommitted = () => raised && planted.writeMark(wanted, raised.after);
      return raised;
    },
  });
}

function clientIdOf(draft: EventDraft | undefined): string | undefined {
  return draft?.type === "message.new" ? draft.client_id : undefined;
}

function withClientId(result: AppendResult, client_id: string | undefined): AppendResult {
  if (result.status === "conflict" || client_id === undefined) return result;
  const { event } = result;
  if (event.type !== "message.new") return result;
  return { ...result, event: { ...event, payload: { ...event.payload, client_id } } };
}

/** What a proxy makes of a frame from the server: the frames it passes on instead, or the end of the connection. */
export type Damage = (text: string) => readonly string[] | "cut";

/** Cuts the line instead of passing on the first acknowledgement of all: the client cannot know and sends again. */
export function losesAnAck(): Damage {
  let lost = false;
  return (text) => {
    if (lost || !text.includes('"type":"message.ack"')) return [text];
    lost = true;
    return "cut";
  };
}

/** Passes two live messages on in the order in which they did not happen. */
export function swapsMessages(): Damage {
  let held: string | undefined;
  return (text) => {
    // An answer to a subscribe has messages inside.
    if (!text.includes('"type":"message.new"') || text.includes('"type":"subscribed"')) return [text];
    if (held === undefined) {
      held = text;
      return [];
    }
    const both = [text, held];
    held = undefined;
    return both;
  };
}

/** Goes on talking of a room to somebody who has just left it. */
export function speaksToThoseWhoLeft(): Damage {
  let last: string | undefined;
  return (text) => {
    if (text.includes('"type":"message.new"') && !text.includes('"type":"subscribed"')) last = text;
    return text.includes('"type":"unsubscribed"') && last !== undefined ? [text, last] : [text];
  };
}

/** A proxy that understands frames; it asks for each connection what damage is done to it, if any. */
export class DamagingProxy {
  readonly #server: WebSocketServer;
  readonly #sockets = new Set<WebSocket>();

  private constructor(server: WebSocketServer) {
    this.#server = server;
  }

  static async listen(target: string, damageOf: () => Damage | undefined): Promise<DamagingProxy> {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: ([first]) => first ?? false });
    await once(server, "listening");
    const proxy = new DamagingProxy(server);
    server.on("connection", (near, request) => {
      const { authorization = "" } = request.headers;
      const far = new WebSocket(`${target}${request.url}`, ["mangahub.v1"], { headers: { authorization } });
      const damage = damageOf() ?? ((text: string) => [text]);
      const early: string[] = [];
      proxy.#sockets.add(near);
      far.on("open", () => {
        for (const text of early.splice(0)) far.send(text);
      });
      near.on("message", (data: Buffer) => {
        if (far.readyState === WebSocket.OPEN) far.send(data.toString());
        else early.push(data.toString());
      });
      far.on("message", (data: Buffer) => {
        const passed = damage(data.toString());
        if (passed === "cut") near.terminate();
        else for (const text of passed) near.send(text);
      });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on("close", () => other.terminate());
        one.on("error", () => other.terminate());
      }
    });
    return proxy;
  }

  get url(): string {
    // A TCP server's address is never a string.
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.close();
    await once(this.#server, "close");
  }
}
