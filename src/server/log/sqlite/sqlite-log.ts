import type { User } from "../../../protocol/event.js";
import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import { checkedDraft, eventOf } from "../draft.js";
import {
  type Account,
  type Accounts,
  type AppendResult,
  type ConversationRange,
  type ConversationRow,
  type EventDraft,
  type EventLog,
  LogUnavailable,
  type MarkRaise,
  type MarkRaised,
  type Marks,
  type Members,
  type Page,
  type Place,
  type Range,
  type RoomState,
  type RoomSummary,
  type Sessions,
  type StoreHealth,
  type SweepRule,
  type Swept,
  type Upkeep,
  type UserMark,
} from "../event-log.js";
import { GroupCommit } from "./group-commit.js";
import { KnownAccounts } from "./known-accounts.js";
import { draftToRow, rowToEvent } from "./rows.js";
import { SqliteSessions } from "./sqlite-sessions.js";
import { StoreWatch } from "./store-watch.js";
import type {
  AppendOutcome,
  AppendReply,
  Batch,
  BatchReply,
  ReadRequest,
  WriteOperation,
  WriteReply,
} from "./thread-message.js";

/** Who carries out what the log asks for: two threads, or whoever else knows how to commit. */
export interface LogEngine {
  /** Makes a batch durable. */
  commit(batch: Batch): Promise<BatchReply>;
  ask(request: ReadRequest): Promise<unknown>;
  /** Whether the whole database can be read; if so, what was remembered of it while it could not is forgotten. */
  isSound(): Promise<boolean>;
  /** Whether the file system lets this process write the database. */
  isWritable(): boolean;
  close(): Promise<void>;
}

/** The ports of one SQLite database, over an engine. Rejects with LogUnavailable once it is closed. */
export class SqliteLog implements EventLog, Members, Accounts, Marks, Upkeep {
  readonly sessions: Sessions = new SqliteSessions({
    // The writer answers a change of sessions with their ids (thread-message).
    write: async (change) => (await this.#write({ op: "sessions", change })) as readonly string[],
    ask: (request) => this.#ask(request),
  });
  readonly #engine: LogEngine;
  readonly #watch: StoreWatch;
  readonly #commits: GroupCommit;
  readonly #reading = new Set<Promise<unknown>>();
  readonly #known = new KnownAccounts(() => this.#ask({ op: "account_filter" }));
  #isClosed = false;
  #isLooking = false;

  constructor(engine: LogEngine) {
    this.#engine = engine;
    this.#watch = new StoreWatch(() => engine.isWritable());
    this.#commits = new GroupCommit((batch) => this.#watch.commit(batch, () => engine.commit(batch)));
  }

  /** Before anything else: settles what an earlier run left. `durable` is how this one writes. */
  async begin(durable: boolean): Promise<void> {
    await this.#commits.add({ op: "begin_run", durable }, SMALL);
    // Nobody waits for it: until it is there, the database is asked.
    void this.#known.load();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([this.#commits.idle(), ...this.#reading]);
    // It is no loss if it fails: the next run then takes this one for unclean, and sees that we have ended.
    await this.#commits.add({ op: "end_run" }, SMALL).catch(() => undefined);
    await this.#engine.close();
  }

  append(drafts: readonly EventDraft[]): Promise<readonly AppendResult[]> {
    // One promise from here to the commit: every message goes this way.
    return new Promise((settle, reject) => {
      this.#mustBeOpen();
      const checked = drafts.map(checkedDraft);
      const weight = { drafts: drafts.length, bytes: checked.reduce((sum, draft) => sum + weigh(draft), 0) };
      const resolve = (reply: WriteReply): void => {
        // The writer answers an append with an AppendReply (thread-message).
        const { outcomes, epochs } = reply as AppendReply;
        const now_ms = Date.now();
        settle(
          checked.map((draft, index) => toResult(draft, { now_ms, outcome: outcomes[index], epoch: epochs[index] })),
        );
      };
      this.#commits.put({ op: "append", rows: checked.map(draftToRow) }, weight, { resolve, reject });
    });
  }

  async openRoom(room: { readonly room_id: RoomId; readonly members?: readonly UserId[] }): Promise<RoomState> {
    // A room that is there is only looked up, so that it can be read while nothing can be written.
    const isNew = room.members !== undefined && room.members.length > 0;
    const known = isNew ? undefined : await this.read({ room_id: room.room_id, limit: 0 });
    this.#mustBeOpen();
    if (known !== undefined) return { epoch: known.epoch, head: known.head, oldest: known.oldest };
    const operation = { op: "open_room", room_id: room.room_id, members: room.members ?? [] } as const;
    // The writer answers an open_room with a RoomState (thread-message).
    return (await this.#commits.add(operation, SMALL)) as RoomState;
  }

  async save(account: Omit<Account, "password">): Promise<void> {
    this.#known.add(account);
    await this.#write({ op: "save_account", account });
  }

  async register(account: Account): Promise<boolean> {
    this.#known.add(account);
    // The writer answers a register with a boolean (thread-message).
    return (await this.#write({ op: "register", account })) as boolean;
  }

  async changePassword(user_id: UserId, change: { readonly from: string; readonly to: string }): Promise<boolean> {
    // As above.
    return (await this.#write({ op: "change_password", user_id, change })) as boolean;
  }

  read(range: Range): Promise<Page | undefined> {
    return this.#ask({ op: "read", range });
  }

  listRooms(limit: number): Promise<readonly RoomSummary[]> {
    return this.#ask({ op: "list_rooms", limit });
  }

  membersOf(room_id: RoomId): Promise<readonly User[]> {
    return this.#ask({ op: "members_of", room_id });
  }

  directRoomsOf(user_id: UserId, limit: number): Promise<readonly RoomId[]> {
    return this.#ask({ op: "direct_rooms_of", user_id, limit });
  }

  async raise(raise: MarkRaise): Promise<MarkRaised | undefined> {
    this.#mustBeOpen();
    // The writer answers a raise_mark with a MarkRaised, or null if there is no such room (thread-message).
    return ((await this.#commits.add({ op: "raise_mark", raise }, SMALL)) as MarkRaised | null) ?? undefined;
  }

  async forget(place: Place): Promise<boolean> {
    // The writer answers a forget_mark with a boolean (thread-message).
    return (await this.#write({ op: "forget_mark", place })) as boolean;
  }

  marksAt(places: readonly Place[]): Promise<readonly UserMark[]> {
    return this.#ask({ op: "marks_at", places });
  }

  conversationsOf(range: ConversationRange): Promise<readonly ConversationRow[]> {
    return this.#ask({ op: "conversations_of", range });
  }

  seqOf(wanted: { room_id: RoomId; ids: readonly string[]; within: number }): Promise<number | undefined> {
    return this.#ask({ op: "seq_of", ...wanted });
  }

  async find(user_id: UserId): Promise<Account | undefined> {
    this.#mustBeOpen();
    if (!this.#known.mayHave(user_id)) return undefined;
    return this.#ask({ op: "find", user_id });
  }

  async findByName(name_key: string): Promise<readonly Account[]> {
    this.#mustBeOpen();
    if (!this.#known.mayHaveName(name_key)) return [];
    return this.#ask({ op: "find_by_name", name_key });
  }

  async findAlike(text: string): Promise<readonly Account[]> {
    this.#mustBeOpen();
    if (!this.#known.mayHaveAlike(text)) return [];
    return this.#ask({ op: "find_alike", text });
  }

  isUnknown({ user_id, username }: User): boolean {
    // An id that an account has is alike to itself.
    return !this.#isClosed && !this.#known.mayHaveAlike(user_id) && !this.#known.mayHaveAlike(username);
  }

  async sweep(rule: SweepRule): Promise<Swept> {
    // The writer answers a sweep with a Swept (thread-message).
    return (await this.#write({ op: "sweep", rule })) as Swept;
  }

  health(): StoreHealth {
    return this.#watch.health;
  }

  async probe(): Promise<StoreHealth> {
    // A closed store must not start its threads anew: it has let go of the lock.
    if (this.#isClosed) return this.health();
    return this.#watch.probe({
      write: () => this.#commits.add({ op: "probe" }, SMALL),
      read: () => this.listRooms(1),
      isSound: () => this.#engine.isSound(),
    });
  }

  /** Looks whether the files that are open are still those at their path, also when nobody writes. */
  look(): void {
    if (this.#isClosed || this.#isLooking) return;
    this.#isLooking = true;
    void this.#commits
      .add({ op: "look" }, SMALL)
      // What was seen is in the health.
      .catch(() => undefined)
      .finally(() => (this.#isLooking = false));
  }

  async #write(operation: WriteOperation): Promise<WriteReply> {
    this.#mustBeOpen();
    return this.#commits.add(operation, SMALL);
  }

  async #ask<Reply>(request: ReadRequest): Promise<Reply> {
    this.#mustBeOpen();
    // The engine answers a request as the port's operation of that name promises.
    const reading = this.#watch.read(() => this.#engine.ask(request)) as Promise<Reply>;
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new LogUnavailable("the database is closed (open it anew)");
  }
}

/** The weight of an operation that is not a message. */
const SMALL = { drafts: 1, bytes: 256 };

function weigh(draft: EventDraft): number {
  if (draft.type !== "message.new") return SMALL.bytes + JSON.stringify(draft.details).length;
  return 256 + 2 * draft.message.length + (draft.meta === undefined ? 0 : JSON.stringify(draft.meta).length);
}

type Answer = {
  readonly now_ms: number;
  readonly outcome: AppendOutcome | undefined;
  readonly epoch: string | undefined;
};

function toResult(draft: EventDraft, { now_ms, outcome, epoch }: Answer): AppendResult {
  if (outcome === undefined || epoch === undefined) throw new Error(`no answer for message ${draft.id} (report this)`);
  if (outcome === "conflict") return { status: "conflict" };
  if (typeof outcome === "number") return { status: "stored", epoch, event: eventOf(draft, { seq: outcome, now_ms }) };
  return { status: "duplicate", epoch, event: rowToEvent(outcome, { room_id: draft.room_id, now_ms }) };
}
