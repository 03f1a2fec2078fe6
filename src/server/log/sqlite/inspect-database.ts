import { existsSync, statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { toDatabaseUnusable } from "./database-unusable.js";
import { checkVersion, mustBeCurrent } from "./migrations.js";
import { openForReading } from "./open-database.js";

const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the database at `path` for reading, whoever else uses it, and closes it after `work`. Undefined if there is
 * none. Throws DatabaseUnusable: also for a schema older than this program's, which a hub brings up to date.
 */
export function inspect<Result>(path: string, work: (database: Database) => Result): Result | undefined {
  if (!existsSync(path) || statSync(path).size === 0) return undefined;
  let database: Database | undefined;
  try {
    database = openForReading(path, BUSY_TIMEOUT_MS);
    checkVersion(database, { path });
    mustBeCurrent(database, path);
    return work(database);
  } catch (error) {
    throw toDatabaseUnusable(error, path);
  } finally {
    database?.close();
  }
}
