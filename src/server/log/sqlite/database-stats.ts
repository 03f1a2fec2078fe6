import { existsSync, statSync } from "node:fs";
import { inspect } from "./inspect-database.js";
import { readServerId } from "./open-database.js";
import { schemaVersion } from "./migrations.js";

export type DatabaseStats = {
  readonly server_id: string;
  readonly schema: number;
  readonly rooms: { readonly public: number; readonly direct: number; readonly other: number };
  readonly messages: number;
  /** Messages whose text is gone; they count as messages. */
  readonly tombstones: number;
  readonly accounts: number;
  readonly size_bytes: number;
  /** Of `size_bytes`, what new messages will fill before the file grows. */
  readonly free_bytes: number;
  readonly wal_bytes: number;
  /** RFC 3339; absent without messages. */
  readonly oldest_at?: string;
  readonly newest_at?: string;
};

type Counts = {
  readonly public: number | null;
  readonly direct: number | null;
  readonly rooms: number;
  readonly messages: number;
  readonly tombstones: number;
  readonly accounts: number;
  readonly oldest_ms: number | null;
  readonly newest_ms: number | null;
};

/** Counts what the database at `path` holds; undefined if there is none. Throws DatabaseUnusable. */
export function readStats(path: string): DatabaseStats | undefined {
  return inspect(path, (database) => {
    const counts = database.prepare<[], Counts>(COUNTS).get();
    if (counts === undefined) throw new Error("a SELECT without a row source gives one row");
    const page = Number(database.pragma("page_size", { simple: true }));
    const { oldest_ms, newest_ms, messages, tombstones, accounts, rooms } = counts;
    const kinds = { public: counts.public ?? 0, direct: counts.direct ?? 0 };
    return {
      server_id: readServerId(database),
      schema: schemaVersion(database),
      rooms: { ...kinds, other: rooms - kinds.public - kinds.direct },
      messages,
      tombstones,
      accounts,
      size_bytes: page * Number(database.pragma("page_count", { simple: true })),
      free_bytes: page * Number(database.pragma("freelist_count", { simple: true })),
      wal_bytes: existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0,
      ...(oldest_ms === null ? {} : { oldest_at: new Date(oldest_ms).toISOString() }),
      ...(newest_ms === null ? {} : { newest_at: new Date(newest_ms).toISOString() }),
    };
  });
}

const COUNTS = `SELECT
  (SELECT count(*) FROM rooms) AS rooms,
  (SELECT sum(kind = 'public') FROM rooms) AS public,
  (SELECT sum(kind = 'direct') FROM rooms) AS direct,
  (SELECT count(*) FROM all_messages) AS messages,
  (SELECT count(*) FROM all_messages WHERE deleted_ms IS NOT NULL) AS tombstones,
  (SELECT count(*) FROM users WHERE username IS NOT NULL) AS accounts,
  (SELECT min(created_ms) FROM all_messages) AS oldest_ms,
  (SELECT max(created_ms) FROM all_messages) AS newest_ms`;
