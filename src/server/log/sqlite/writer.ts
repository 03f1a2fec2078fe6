// Runs in the writer's thread, on the only connection that writes. One batch is one transaction.
import type { Database } from "better-sqlite3";
import { nanoid } from "nanoid";
import { type RoomId, roomKind } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import type { MarkRaise, MarkRaised, RoomState, SweepRule, Swept } from "../event-log.js";
import { AccountWriter } from "./account-writer.js";
import { errorCode } from "./database-unusable.js";
import type { Checkpoints } from "./file-watch.js";
import { MarkWriter } from "./mark-writer.js";
import { RunMarker } from "./run-marker.js";
import { RecentMessages } from "./recent-messages.js";
import { type DraftRow, isRepeated } from "./rows.js";
import { SessionWriter } from "./session-rows.js";
import { Sweeper } from "./sweeper.js";
import type { AppendOutcome, AppendReply, Batch, BatchReply, WriteOperation, WriteReply } from "./thread-message.js";

type RoomRow = { room_key: number; epoch: string; head: number; oldest: number; last_ms: number | null };

/** Rooms, and users, whose row is kept in memory. */
const MAX_REMEMBERED = 50_000;
/** Pages that may wait in the WAL before they are copied back: the longer, the more often a page was written since. */
const MAX_WAL_BACKLOG = 4000;
/** Operations between two looks at the WAL: fewer than fill it. */
const LOOK_AFTER = 200;
/** With so many times the new messages that are worth moving, or the operations between two looks, it is put off no longer. */
const OVERDUE = { messages: 1.25, operations: 2 };
/** Errors that are about one operation's content; the others of its batch may well succeed without it. */
const ABOUT_CONTENT = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;

/** Carries out batches on the connection it is given, whose only writer it must be. */
export class Writer {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #rooms = new Map<RoomId, RoomRow>();
  readonly #users = new Map<UserId, number>();
  readonly #written = new Set<RoomRow>();
  readonly #accounts: AccountWriter;
  readonly #sessions: SessionWriter;
  readonly #sweeper: Sweeper;
  #sinceLook = 0;
  #checkpoints: Checkpoints = { runs: 0, log: 0, checkpointed: 0 };
  readonly #marks: MarkWriter;
  readonly #marker: RunMarker;
  readonly #recent: RecentMessages;

  /** `now` in ms, of a clock that is never set. */
  constructor(database: Database, now = () => performance.now()) {
    this.#database = database;
    this.#sql = prepare(database);
    this.#accounts = new AccountWriter(database);
    this.#sessions = new SessionWriter(database);
    this.#sweeper = new Sweeper(database);
    this.#marks = new MarkWriter(database);
    this.#marker = new RunMarker(database);
    this.#recent = new RecentMessages(database, now);
  }

  /**
   * Makes a batch durable and answers each operation. If it fails, nothing of it is stored, unless one operation's
   * content was to blame: then each gets a transaction of its own.
   */
  commit(batch: Batch): BatchReply {
    try {
      return this.#transact(batch).map((reply) => ({ reply }));
    } catch (error) {
      this.#rollBack();
      const code = errorCode(error);
      if (batch.length > 1 && (code === undefined || ABOUT_CONTENT.test(code))) {
        return batch.flatMap((operation) => this.commit([operation]));
      }
      const message = error instanceof Error ? error.message : String(error);
      return batch.map(() => ({ failure: code === undefined ? { message } : { code, message } }));
    }
  }

  /** Whether there is something to tidy up, and whether it may wait for a quiet moment. */
  get tidiness(): "tidy" | "due" | "overdue" {
    if (this.#recent.holds(OVERDUE.messages) || this.#sinceLook >= OVERDUE.operations * LOOK_AFTER) return "overdue";
    return this.#recent.holds(1) || this.#sinceLook >= LOOK_AFTER ? "due" : "tidy";
  }

  /** For `FileWatch`: the database's own file changes with these, and with nothing else. */
  readCheckpoints(): Checkpoints {
    try {
      const { log = 0, checkpointed = 0 } = this.#sql.walState.get() ?? {};
      this.#checkpoints = { runs: this.#checkpoints.runs, log, checkpointed };
    } catch {
      // Somebody else is at a checkpoint just now: it is seen with the next look.
    }
    return this.#checkpoints;
  }

  /**
   * Moves recent messages to the others, or copies the WAL back into the database, when there is enough of it: one of
   * the two, as what is sent meanwhile waits for it.
   */
  tidy(): void {
    if (this.#recent.holds(1)) return this.#move(() => this.#recent.moveSome());
    if (this.#sinceLook < LOOK_AFTER) return;
    this.#sinceLook = 0;
    try {
      const wal = this.#sql.walState.get();
      if (wal === undefined || wal.log - wal.checkpointed < MAX_WAL_BACKLOG) return;
      this.#countCheckpoint();
      this.#sql.checkpoint.get();
    } catch {
      // A disk that is full or locked: nothing is lost by a longer WAL, the next commit says what is wrong, and the
      // next tidying tries again.
    }
    if (this.#rooms.size > MAX_REMEMBERED) this.#rooms.clear();
    if (this.#users.size > MAX_REMEMBERED) this.#users.clear();
  }

  /** Puts messages that are kept apart for speed among the others: the last thing a run does. */
  moveRecent(): void {
    this.#move(() => this.#recent.move());
  }

  #move(move: () => void): void {
    try {
      this.#sql.begin.run();
      move();
      this.#sql.commit.run();
    } catch {
      // They are as safe where they are. If it goes on like this, a commit will say what is wrong.
      this.#rollBack();
    }
  }

  /** Puts everything that was committed on the disk, also when commits do not wait for it. */
  flush(): void {
    this.#countCheckpoint();
    try {
      this.#database.pragma("wal_checkpoint(FULL)");
    } catch {
      // The commit beside it says what is wrong; and an end that was not written down counts as unclean.
    }
  }

  #countCheckpoint(): void {
    this.#checkpoints = { ...this.#checkpoints, runs: this.#checkpoints.runs + 1 };
  }

  #transact(batch: Batch): WriteReply[] {
    this.#sql.begin.run();
    const replies = batch.map((operation) => this.#apply(operation));
    for (const { head, last_ms, room_key } of this.#written) this.#sql.setHead.run(head, last_ms, room_key);
    this.#written.clear();
    this.#sql.commit.run();
    this.#sinceLook += batch.length;
    return replies;
  }

  #rollBack(): void {
    // What was remembered may have been made by the transaction that failed.
    this.#rooms.clear();
    this.#users.clear();
    this.#written.clear();
    this.#recent.forget();
    // The engine has rolled back by itself after some errors.
    if (this.#database.inTransaction) this.#sql.rollback.run();
  }

  #apply(operation: WriteOperation): WriteReply {
    switch (operation.op) {
      case "append":
        return this.#append(operation.rows);
      case "open_room":
        return this.#openRoom(operation.room_id, operation.members);
      case "save_account":
        this.#accounts.save(operation.account);
        return null;
      case "register":
        return this.#accounts.register(operation.account);
      case "change_password":
        return this.#accounts.changePassword(operation.user_id, operation.change);
      case "sessions":
        return this.#sessions.apply(operation.change);
      case "raise_mark":
        return this.#raiseMark(operation.raise);
      case "forget_mark":
        return this.#marks.forget(operation.place);
      case "sweep":
        return this.#sweep(operation.rule);
      case "begin_run":
        if (this.#marker.begin(operation.durable)) this.#rooms.clear();
        return null;
      case "end_run":
        this.#marker.end();
        return null;
      case "probe":
        this.#marker.touch();
        return null;
      case "look":
        return null;
    }
  }

  #append(rows: readonly DraftRow[]): AppendReply {
    const outcomes: AppendOutcome[] = [];
    const epochs: string[] = [];
    for (const row of rows) {
      const room = this.#room(row[0], row[6]);
      outcomes.push(this.#insert(room, row));
      epochs.push(room.epoch);
    }
    return { outcomes, epochs };
  }

  #insert(room: RoomRow, row: DraftRow): AppendOutcome {
    const [room_id, user_id, , , client_id, , created_ms] = row;
    const key = { room_key: room.room_key, user_key: this.#user(user_id) };
    const stored = client_id === null ? undefined : this.#recent.find(key, client_id);
    if (stored !== undefined) return isRepeated(row, stored) ? stored : "conflict";
    const seq = room.head + 1;
    this.#recent.add(key, seq, row);
    room.head = seq;
    room.last_ms = created_ms;
    this.#written.add(room);
    if (roomKind(room_id) === "direct") this.#marks.markOwn(key, seq);
    return seq;
  }

  #openRoom(room_id: RoomId, members: readonly UserId[]): RoomState {
    const { room_key, epoch, head, oldest } = this.#room(room_id, Date.now());
    // Only a room that has no members yet takes them: nobody is ever added to two people's room.
    if (members.length > 0 && this.#sql.anyMember.get(room_key) === undefined) {
      for (const user_id of members) this.#sql.addMember.run(room_key, this.#user(user_id));
    }
    return { epoch, head, oldest };
  }

  #raiseMark({ room_id, user_id, ...raise }: MarkRaise): MarkRaised | null {
    const room = this.#rooms.get(room_id) ?? this.#sql.room.get(room_id);
    if (room === undefined) return null;
    const { room_key, epoch, head, oldest } = room;
    const marks = this.#marks.raise({ room_key, user_key: this.#user(user_id) }, raise, head);
    return { epoch, head, oldest, ...marks };
  }

  #sweep(rule: SweepRule): Swept {
    // What has outlived its time is looked for among those that were moved.
    this.#recent.move();
    const swept = this.#sweeper.step(rule);
    for (const { room_id, oldest } of swept.oldest) {
      const room = this.#rooms.get(room_id);
      if (room !== undefined) room.oldest = oldest;
    }
    return swept;
  }

  #room(room_id: RoomId, created_ms: number): RoomRow {
    const known = this.#rooms.get(room_id);
    if (known !== undefined) return known;
    let room = this.#sql.room.get(room_id);
    if (room === undefined) {
      const epoch = nanoid(10);
      const { lastInsertRowid } = this.#sql.insertRoom.run(room_id, roomKind(room_id), epoch, created_ms);
      room = { room_key: Number(lastInsertRowid), epoch, head: 0, oldest: 1, last_ms: null };
    }
    this.#rooms.set(room_id, room);
    return room;
  }

  #user(user_id: UserId): number {
    const known = this.#users.get(user_id);
    if (known !== undefined) return known;
    const row = this.#sql.user.get(user_id);
    const user_key = row?.user_key ?? Number(this.#sql.insertUser.run(user_id).lastInsertRowid);
    this.#users.set(user_id, user_key);
    return user_key;
  }
}

function prepare(database: Database) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    walState: database.prepare<[], { log: number; checkpointed: number }>("PRAGMA wal_checkpoint(NOOP)"),
    checkpoint: database.prepare<[], unknown>("PRAGMA wal_checkpoint(PASSIVE)"),
    room: database.prepare<[RoomId], RoomRow>(
      "SELECT room_key, epoch, head, oldest, last_ms FROM rooms WHERE room_id = ?",
    ),
    insertRoom: database.prepare("INSERT INTO rooms (room_id, kind, epoch, created_ms) VALUES (?, ?, ?, ?)"),
    setHead: database.prepare("UPDATE rooms SET head = ?, last_ms = ? WHERE room_key = ?"),
    user: database.prepare<[UserId], { user_key: number }>("SELECT user_key FROM users WHERE user_id = ?"),
    insertUser: database.prepare("INSERT INTO users (user_id) VALUES (?)"),
    anyMember: database.prepare<[number], unknown>("SELECT 1 FROM room_members WHERE room_key = ? LIMIT 1"),
    addMember: database.prepare("INSERT OR IGNORE INTO room_members (room_key, user_key) VALUES (?, ?)"),
  };
}
