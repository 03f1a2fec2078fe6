// What the store and its threads say to each other, by structured clone. Answers come in the order of the requests.
import type { RoomId } from "../../../protocol/room-id.js";
import type { UserId } from "../../../protocol/user-id.js";
import type {
  Account,
  ConversationRange,
  EndedSessions,
  LoginSession,
  MarkRaise,
  MarkRaised,
  Place,
  Range,
  RoomState,
  SweepRule,
  Swept,
} from "../event-log.js";
import type { UnusableReason } from "./database-unusable.js";
import type { Claim, Holder } from "./holder.js";
import type { DraftRow, MessageRow } from "./rows.js";

/** The writer is the one connection that writes; the reader only reads. */
export type ThreadRole = "writer" | "reader";

/** What a thread is started with. */
export type ThreadStart = {
  readonly role: ThreadRole;
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** False: a commit does not wait for the disk (the writer only). */
  readonly durable: boolean;
  /** What the writer puts into the database, so that no second hub writes it under another name. */
  readonly claim: Claim;
  /** The file to open (file-id), when it has been open before: no other one in its place. */
  readonly file?: string;
};

/** A database's id, and which file it is (file-id). */
export type OpenedDatabase = { readonly server_id: string; readonly file: string | undefined };

/** The first thing a thread says. */
export type ThreadReady =
  | OpenedDatabase
  | { readonly locked_by: Holder }
  | { readonly unusable: { readonly reason: UnusableReason; readonly message: string } };

/** The code of a failure that is no engine's: the files that are open are not those at their path any more. */
export const FILE_GONE = "FILE_GONE";

/** An engine's error without its class, which does not survive the way between threads. */
export type ThreadFailure = { readonly code?: string; readonly message: string };

/** The answer to one request. */
export type ThreadAnswer<Reply> = { readonly reply: Reply } | { readonly failure: ThreadFailure };

/** One thing to write; the unit that has a caller. */
export type WriteOperation =
  | { readonly op: "append"; readonly rows: readonly DraftRow[] }
  | { readonly op: "open_room"; readonly room_id: RoomId; readonly members: readonly UserId[] }
  | { readonly op: "save_account"; readonly account: Omit<Account, "password"> }
  | { readonly op: "register"; readonly account: Account }
  | { readonly op: "change_password"; readonly user_id: UserId; readonly change: { from: string; to: string } }
  | { readonly op: "sessions"; readonly change: SessionChange }
  | { readonly op: "raise_mark"; readonly raise: MarkRaise }
  | { readonly op: "forget_mark"; readonly place: Place }
  | { readonly op: "sweep"; readonly rule: SweepRule }
  | { readonly op: "begin_run"; readonly durable: boolean }
  | { readonly op: "end_run" }
  | { readonly op: "probe" }
  | { readonly op: "look" };

/** A change of who is logged in, answered with the ids of the sessions it was about. */
export type SessionChange =
  | { readonly kind: "add"; readonly session: LoginSession; readonly max: number }
  | { readonly kind: "touch"; readonly session_id: string; readonly seen_ms: number; readonly expires_ms?: number }
  | ({ readonly kind: "end" } & EndedSessions)
  | { readonly kind: "expire"; readonly now_ms: number; readonly limit: number };

/** Per draft: its new seq, the stored row of a duplicate, or "conflict". */
export type AppendOutcome = number | MessageRow | "conflict";

/** `epochs` stands beside `outcomes`, one each. */
export type AppendReply = { readonly outcomes: readonly AppendOutcome[]; readonly epochs: readonly string[] };

/** What an operation answers with: an append, a room, a mark, a sweep, a registration, sessions, or anything else. */
export type WriteReply = AppendReply | RoomState | MarkRaised | Swept | boolean | readonly string[] | null;

/** The operations that become durable together. */
export type Batch = readonly WriteOperation[];

/** One answer per operation of a batch. */
export type BatchReply = readonly ThreadAnswer<WriteReply>[];

/** One question to the reader, answered with what the port's operation of that name promises. */
export type ReadRequest =
  | { readonly op: "read"; readonly range: Range }
  | { readonly op: "list_rooms"; readonly limit: number }
  | { readonly op: "members_of"; readonly room_id: RoomId }
  | { readonly op: "direct_rooms_of"; readonly user_id: UserId; readonly limit: number }
  | { readonly op: "marks_at"; readonly places: readonly Place[] }
  | { readonly op: "conversations_of"; readonly range: ConversationRange }
  | { readonly op: "seq_of"; readonly room_id: RoomId; readonly ids: readonly string[]; readonly within: number }
  | { readonly op: "find"; readonly user_id: UserId }
  | { readonly op: "find_by_name"; readonly name_key: string }
  | { readonly op: "find_alike"; readonly text: string }
  | { readonly op: "account_filter" }
  | { readonly op: "session_of_token"; readonly token_hash: string }
  | { readonly op: "sessions_of"; readonly user_id: UserId }
  | { readonly op: "is_sound" };

/** Asks a thread to close its connection and end. */
export const CLOSE = "close";
