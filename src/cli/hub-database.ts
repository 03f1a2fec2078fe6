import { databaseFile } from "../config/paths.js";
import { FileInTheWay } from "../server/log/sqlite/copy-database.js";
import { DatabaseLocked } from "../server/log/sqlite/holder.js";
import { DatabaseUnusable } from "../server/log/sqlite/database-unusable.js";
import type { Context } from "./context.js";
import { MangahubError } from "./mangahub-error.js";

/** Does something with the local hub's database file; what is wrong with it becomes a failure for people. */
export async function withHubDatabase<T>(context: Context, work: (path: string) => Promise<T> | T): Promise<T> {
  const { config, paths, cwd } = context;
  try {
    return await work(databaseFile(config.database.path, { data_dir: paths.data_dir, cwd }));
  } catch (error) {
    const isForPeople = [DatabaseUnusable, DatabaseLocked, FileInTheWay].some((known) => error instanceof known);
    if (isForPeople && error instanceof Error) throw new MangahubError("failure", error.message, { cause: error });
    throw error;
  }
}

/** What to say of a database that was never made. */
export function noDatabase(path: string): MangahubError {
  return new MangahubError("failure", `there is no database at ${path}`, {
    hint: "a hub makes one; or name another file with --database",
  });
}
