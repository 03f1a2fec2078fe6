import type { Database } from "better-sqlite3";
import type { RoomId } from "../../../protocol/room-id.js";
import { toDatabaseUnusable } from "./database-unusable.js";
import { inspect } from "./inspect-database.js";
import { fromAllMessages, type MarkRow } from "./rows.js";
import { schemaDifferences } from "./schema-objects.js";

/** Something that is not as it must be; the room is named if it is about one. */
export type Problem = {
  readonly kind: "schema" | "integrity" | "reference" | "numbers" | "client_id" | "marks";
  readonly room_id?: RoomId;
  readonly message: string;
};

export type CheckReport = {
  readonly rooms: number;
  readonly messages: number;
  /** At most 100 of each kind. */
  readonly problems: readonly Problem[];
};

type RoomRow = {
  readonly room_id: RoomId;
  readonly head: number;
  readonly oldest: number;
  readonly count: number;
  readonly first: number | null;
  readonly last: number | null;
};

const MOST = 100;

/**
 * Examines the whole database at `path`, out of one snapshot; a hub may be running on it. Throws DatabaseUnusable if it
 * cannot even be opened; undefined if there is none.
 */
export function checkDatabase(path: string): CheckReport | undefined {
  return inspect(path, (database) => {
    try {
      return database.transaction(() => examine(database))();
    } catch (error) {
      // A damaged page ends the examination where it is met.
      const { reason, message } = toDatabaseUnusable(error, path);
      if (reason !== "corrupt") throw error;
      return { rooms: 0, messages: 0, problems: [{ kind: "integrity", message }] };
    }
  });
}

function examine(database: Database): CheckReport {
  // Looked at before anything is asked of it: what is foreign in it is not run.
  const differences = schemaDifferences(database).slice(0, MOST);
  const schema = differences.map(({ message }): Problem => ({ kind: "schema", message }));
  const isOurs = differences.every(({ kind, type }) => kind === "missing" && type === "index");
  if (!isOurs) return { rooms: 0, messages: 0, problems: schema };
  const integrity = integrityProblems(database);
  // What a damaged database says about its own numbers is worth nothing.
  if (integrity.length > 0) return { rooms: 0, messages: 0, problems: [...schema, ...integrity] };
  const rooms = readRooms(database);
  const problems = [
    ...schema,
    ...referenceProblems(database),
    ...rooms.flatMap(numberProblems).slice(0, MOST),
    ...clientIdProblems(database),
    ...markProblems(database),
  ];
  return { rooms: rooms.length, messages: rooms.reduce((sum, { count }) => sum + count, 0), problems };
}

function integrityProblems(database: Database): Problem[] {
  // The pragma gives one row of text for each fault, or a single "ok".
  const rows = database.pragma(`integrity_check(${MOST})`) as readonly { readonly integrity_check: string }[];
  return rows
    .map(({ integrity_check }) => integrity_check)
    .filter((text) => text !== "ok")
    .map((message) => ({ kind: "integrity", message }));
}

function referenceProblems(database: Database): Problem[] {
  // The pragma gives one row for each reference that leads nowhere.
  const rows = database.pragma("foreign_key_check") as readonly { readonly table: string; readonly parent: string }[];
  return rows.slice(0, MOST).map(({ table, parent }) => {
    return { kind: "reference", message: `a row of ${table} refers to a row of ${parent} that does not exist` };
  });
}

function readRooms(database: Database): readonly RoomRow[] {
  return database
    .prepare<[], RoomRow>(
      `SELECT r.room_id, r.head, r.oldest, coalesce(sum(m.count), 0) AS count, min(m.first) AS first,
         max(m.last) AS last
       FROM rooms r LEFT JOIN (${fromAllMessages(
         (table) => `SELECT room_key, count(*) AS count, min(seq) AS first, max(seq) AS last FROM ${table}
           GROUP BY room_key`,
       )}) m USING (room_key) GROUP BY r.room_key ORDER BY r.room_id`,
    )
    .all();
}

/** Seqs are `oldest` to `head`, each once: as many as that, from the first to the last, and the index allows no double. */
function numberProblems({ room_id, head, oldest, count, first, last }: RoomRow): Problem[] {
  const problem = (message: string): Problem[] => [{ kind: "numbers", room_id, message }];
  if (head < 0 || oldest < 1 || oldest > head + 1) {
    return problem(`the oldest message would be ${oldest}, the last ${head}`);
  }
  const expected = head + 1 - oldest;
  if (count === 0) return expected === 0 ? [] : problem(`messages ${oldest} to ${head} are missing`);
  if (first !== oldest) return problem(`the oldest message is ${first}, not ${oldest}`);
  if (last !== head) return problem(`the last message is ${last}, not ${head}`);
  return count === expected ? [] : problem(`${expected - count} of the messages ${oldest} to ${head} are missing`);
}

function clientIdProblems(database: Database): Problem[] {
  return database
    .prepare<[number], { room_id: RoomId; client_id: string; count: number }>(
      `SELECT r.room_id, m.client_id, count(*) AS count FROM (${fromAllMessages(
        (table) => `SELECT room_key, user_key, client_id FROM ${table} NOT INDEXED WHERE client_id IS NOT NULL`,
      )}) m JOIN rooms r USING (room_key) GROUP BY m.room_key, m.user_key, m.client_id HAVING count(*) > 1 LIMIT ?`,
    )
    .all(MOST)
    .map(({ room_id, client_id, count }) => {
      return { kind: "client_id", room_id, message: `client_id ${client_id} was stored ${count} times` };
    });
}

/** Nobody has read what was not delivered, nobody more than there is, and others know of no more than is so. */
function markProblems(database: Database): Problem[] {
  return database
    .prepare<[number], MarkRow & { readonly room_id: RoomId; readonly user_id: string; readonly head: number }>(
      `SELECT r.room_id, u.user_id, r.head, k.delivered, k.read, k.told_delivered, k.told_read
       FROM marks k JOIN rooms r USING (room_key) JOIN users u USING (user_key)
       WHERE NOT (0 <= told_read AND told_read <= read AND read <= delivered AND delivered <= head
         AND told_read <= told_delivered AND told_delivered <= delivered) LIMIT ?`,
    )
    .all(MOST)
    .map(({ room_id, user_id, head, delivered, read, told_delivered, told_read }) => {
      const marks = `delivered ${delivered} (told ${told_delivered}) and read ${read} (told ${told_read})`;
      return { kind: "marks", room_id, message: `${user_id} has ${marks}, and the last message is ${head}` };
    });
}
