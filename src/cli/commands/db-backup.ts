import { statSync } from "node:fs";
import { resolve } from "node:path";
import { backupDatabase } from "../../server/log/sqlite/copy-database.js";
import type { Context } from "../context.js";
import { withHubDatabase } from "../hub-database.js";

/** `db backup`: a copy of one moment, made while the hub goes on. */
export async function dbBackup(context: Context, written: string): Promise<void> {
  const { cwd, json, output } = context;
  const file = resolve(cwd, written);
  await withHubDatabase(context, async (database) => {
    await backupDatabase(database, file);
    const size_bytes = statSync(file).size;
    if (json) output.printJson({ database, file, size_bytes });
    else output.print(`${database} is copied to ${file}`);
  });
}
