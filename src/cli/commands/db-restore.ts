import { resolve } from "node:path";
import { VERSION } from "../../protocol/version.js";
import { restoreDatabase } from "../../server/log/sqlite/copy-database.js";
import type { Context } from "../context.js";
import { count } from "../count.js";
import { withHubDatabase } from "../hub-database.js";

/** `db restore`: the backup becomes the database; readers are told to read their rooms anew. */
export async function dbRestore(context: Context, written: string): Promise<void> {
  const { cwd, json, output } = context;
  const file = resolve(cwd, written);
  await withHubDatabase(context, async (database) => {
    const holder = { pid: process.pid, version: VERSION };
    const restored = await restoreDatabase(file, database, { holder, now_ms: Date.now() });
    if (json) return output.printJson({ database, file, ...restored });
    const { messages, rooms, before } = restored;
    output.print(`${database} holds ${count(messages, "message")} in ${count(rooms, "room")}, from ${file}`);
    if (before !== undefined) output.print(`what it held before is in ${before}`);
  });
}
