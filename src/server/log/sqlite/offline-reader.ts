import { constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Database } from "better-sqlite3";
import type { ConversationRange, ConversationRow, Page, Range, RoomSummary } from "../event-log.js";
import { errorCode, toDatabaseUnusable } from "./database-unusable.js";
import { checkVersion, mustBeCurrent, schemaVersion } from "./migrations.js";
import { openForReading, readServerId } from "./open-database.js";
import { Reads } from "./reads.js";

/** A database's history for one who runs no hub. It writes nothing; each answer is a snapshot of its own. */
export interface OfflineReader {
  readonly server_id: string;
  read(range: Range): Page | undefined;
  listRooms(limit: number): readonly RoomSummary[];
  conversationsOf(range: ConversationRange): readonly ConversationRow[];
  close(): void;
}

type Opened = { readonly database: Database; readonly close: () => void };

const BUSY_TIMEOUT_MS = 1000;

/**
 * Opens the database at `path` for reading; undefined if nothing was ever stored there. Throws DatabaseUnusable.
 * A hub may be running on it, or may have been killed: what it acknowledged is read either way.
 */
export function openOfflineReader(path: string): OfflineReader | undefined {
  if (!existsSync(path) || statSync(path).size === 0) return undefined;
  const { database, close } = open(path);
  try {
    if (schemaVersion(database) === 0 && isEmpty(database)) {
      close();
      return undefined;
    }
    checkVersion(database, { path });
    mustBeCurrent(database, path);
    const reads = new Reads(database);
    return {
      server_id: readServerId(database),
      read: (range) => reads.read(range),
      listRooms: (limit) => reads.listRooms(limit),
      conversationsOf: (range) => reads.marks.conversationsOf(range),
      close,
    };
  } catch (error) {
    close();
    throw toDatabaseUnusable(error, path);
  }
}

// The engine must be able to make the WAL's index (-shm) beside the file. Where that is forbidden, a private copy of
// database and WAL is read instead: it costs a copy, and loses nothing. No hub can be running in such a folder.
function open(path: string): Opened {
  try {
    return openAt(path, () => {});
  } catch (error) {
    if (!/^SQLITE_(CANTOPEN|READONLY)/.test(errorCode(error) ?? "")) throw toDatabaseUnusable(error, path);
  }
  const folder = mkdtempSync(join(tmpdir(), "mangahub-read-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, basename(path));
    copyFileSync(path, copy, constants.COPYFILE_FICLONE);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE);
    return openAt(copy, remove);
  } catch (error) {
    remove();
    throw toDatabaseUnusable(error, path);
  }
}

function openAt(path: string, afterwards: () => void): Opened {
  const database = openForReading(path, BUSY_TIMEOUT_MS);
  try {
    // The first question is what opens the WAL.
    schemaVersion(database);
  } catch (error) {
    database.close();
    throw error;
  }
  const close = (): void => {
    database.close();
    afterwards();
  };
  return { database, close };
}

function isEmpty(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}
