import type { User } from "../../../protocol/event.js";
import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import { checkedDraft, messageEvent } from "../draft.js";
import {
  type Account,
  type Accounts,
  type AppendResult,
  type EventDraft,
  type EventLog,
  LogUnavailable,
  type Members,
  type Page,
  type Range,
  type RoomState,
  type RoomSummary,
  type Store,
} from "../event-log.js";
import { DatabaseLock, type Holder } from "./database-lock.js";
import { GroupCommit } from "./group-commit.js";
import { LogThread } from "./log-thread.js";
import { prepareFolder } from "./open-database.js";
import { draftToRow, rowToEvent } from "./rows.js";
import type { AppendOutcome, AppendReply, Batch, ReadRequest } from "./thread-message.js";

export type SqliteStoreOptions = {
  /** The database file; it and its folder are made if they are missing. Beside it live -wal, -shm, .lock, .holder. */
  readonly path: string;
  /** Who to name to another hub that wants this database. */
  readonly holder: Omit<Holder, "since">;
  /** How long an operation waits for another program that has locked the file, ms. 5000 unless told. */
  readonly busyTimeoutMs?: number;
};

export interface SqliteStore extends Store {
  /** Tells those who find the database locked where its hub listens. */
  announce(url: string): void;
}

/**
 * Opens, or makes, the database and holds it for this process until `close`.
 * Rejects with DatabaseLocked (another hub has it) or DatabaseUnusable.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const path = prepareFolder(options.path);
  const lock = await DatabaseLock.take(path, options.holder);
  const busyTimeoutMs = options.busyTimeoutMs ?? 5000;
  const log = new SqliteLog(
    new LogThread({ role: "writer", path, busyTimeoutMs }),
    new LogThread({ role: "reader", path, busyTimeoutMs }),
  );
  try {
    const server_id = await log.open();
    const close = once(() => log.close().finally(() => lock.release()));
    return { server_id, events: log, members: log, accounts: log, close, announce: (url) => lock.announce(url) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

class SqliteLog implements EventLog, Members, Accounts {
  readonly #writer: LogThread<Batch>;
  readonly #reader: LogThread<ReadRequest>;
  readonly #commits: GroupCommit;
  readonly #reading = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(writer: LogThread<Batch>, reader: LogThread<ReadRequest>) {
    this.#writer = writer;
    this.#reader = reader;
    this.#commits = new GroupCommit((batch) => writer.call(batch));
  }

  open(): Promise<string> {
    return this.#writer.open();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([this.#commits.idle(), ...this.#reading]);
    // The reader first: the last connection to close tidies the WAL away, and a reader may not.
    await this.#reader.close();
    await this.#writer.close();
  }

  async append(drafts: readonly EventDraft[]): Promise<readonly AppendResult[]> {
    this.#mustBeOpen();
    const checked = drafts.map(checkedDraft);
    const weight = { drafts: drafts.length, bytes: checked.reduce((sum, draft) => sum + weigh(draft), 0) };
    const reply = await this.#commits.add({ op: "append", rows: checked.map(draftToRow) }, weight);
    // The writer answers an append with an AppendReply (thread-message).
    const { outcomes, epochs } = reply as AppendReply;
    return checked.map((draft, index) => toResult(draft, outcomes[index], epochs[index]));
  }

  async openRoom(room: { readonly room_id: RoomId; readonly members?: readonly UserId[] }): Promise<RoomState> {
    this.#mustBeOpen();
    const operation = { op: "open_room", room_id: room.room_id, members: room.members ?? [] } as const;
    // The writer answers an open_room with a RoomState (thread-message).
    return (await this.#commits.add(operation, SMALL)) as RoomState;
  }

  async save(account: Account): Promise<void> {
    this.#mustBeOpen();
    await this.#commits.add({ op: "save_account", account }, SMALL);
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

  find(user_id: UserId): Promise<Account | undefined> {
    return this.#ask({ op: "find", user_id });
  }

  findByName(name_key: string): Promise<readonly Account[]> {
    return this.#ask({ op: "find_by_name", name_key });
  }

  async #ask<Reply>(request: ReadRequest): Promise<Reply> {
    this.#mustBeOpen();
    const reading = this.#reader.call<Reply>(request);
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
  return 256 + 2 * draft.message.length + (draft.meta === undefined ? 0 : JSON.stringify(draft.meta).length);
}

function toResult(draft: EventDraft, outcome?: AppendOutcome, epoch?: string): AppendResult {
  if (outcome === undefined || epoch === undefined) throw new Error(`no answer for message ${draft.id} (report this)`);
  if (outcome === "conflict") return { status: "conflict" };
  if (typeof outcome === "number") return { status: "stored", epoch, event: messageEvent(draft, outcome) };
  return { status: "duplicate", epoch, event: rowToEvent(outcome, draft.room_id) };
}

function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined;
  return () => (acting ??= act());
}
