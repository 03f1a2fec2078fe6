import { resolve } from "node:path";
import { VERSION } from "../../protocol/version.js";
import { restoreDatabase } from "../../server/log/sqlite/copy-database.js";
import type { Context } from "../context.js";
import { count, withHubDatabase } from "../hub-database.js";

/** `db restore`: the backup becomes the database; readers are told to read their rooms anew. */
export async function dbRestore(context: Context, written: string): Promise<void> {
  const { cwd, json, streams } = context;
  const file = resolve(cwd, written);
  await withHubDatabase(context, async (database) => {
    const holder = { pid: process.pid, version: VERSION };
    const restored = await restoreDatabase(file, database, { holder, now_ms: Date.now() });
    if (json) return void streams.stdout.write(`${JSON.stringify({ database, file, ...restored })}\n`);
    const { messages, rooms, before } = restored;
    streams.stdout.write(`${database} holds ${count(messages, "message")} in ${count(rooms, "room")}, from ${file}\n`);
    if (before !== undefined) streams.stdout.write(`what it held before is in ${before}\n`);
  });
}
