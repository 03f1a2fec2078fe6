import { ClientError } from "../client/client-error.js";
import { databaseFile } from "../config/paths.js";
import { DatabaseUnusable } from "../server/log/sqlite/database-unusable.js";
import { type OfflineReader, openOfflineReader } from "../server/log/sqlite/offline-reader.js";
import type { Context } from "./context.js";
import { MangahubError } from "./mangahub-error.js";

/** Reads the local hub's database while no hub answers (`why`); `empty` is the answer if there is none yet. */
export async function readOffline<T>(
  context: Context,
  work: { readonly why: MangahubError; readonly empty: T; readonly read: (reader: OfflineReader) => Promise<T> | T },
): Promise<T> {
  sayIfStrange(context, work.why);
  const { config, paths, cwd } = context;
  let reader: OfflineReader | undefined;
  try {
    reader = openOfflineReader(databaseFile(config.database.path, { data_dir: paths.data_dir, cwd }));
    return reader === undefined ? work.empty : await work.read(reader);
  } catch (error) {
    if (error instanceof DatabaseUnusable) throw new MangahubError("failure", error.message, { cause: error });
    throw error;
  } finally {
    reader?.close();
  }
}

/** That no hub runs is ordinary; that something else has its port, the person should know. */
function sayIfStrange({ output }: Context, { cause, message }: MangahubError): void {
  if (cause instanceof ClientError && cause.code === "unreachable") return;
  output.say(`${message}; this is what the database holds`);
}
