import { readStats } from "../../server/log/sqlite/database-stats.js";
import type { Context } from "../context.js";
import { noDatabase, withHubDatabase } from "../hub-database.js";

/** `db stats`: how much the database holds. */
export async function dbStats(context: Context): Promise<void> {
  const { json, output } = context;
  await withHubDatabase(context, (database) => {
    const stats = readStats(database);
    if (stats === undefined) throw noDatabase(database);
    if (json) return output.printJson({ database, ...stats });
    const { rooms, messages, tombstones, oldest_at = "none", newest_at = "none" } = stats;
    const rows: readonly (readonly [string, string])[] = [
      ["database", database],
      ["server", stats.server_id],
      ["schema", String(stats.schema)],
      ["rooms", `${rooms.public} public, ${rooms.direct} direct${rooms.other === 0 ? "" : `, ${rooms.other} other`}`],
      ["messages", tombstones === 0 ? String(messages) : `${messages}, of them ${tombstones} without text`],
      ["accounts", String(stats.accounts)],
      ["size", `${kib(stats.size_bytes)}, of it ${kib(stats.free_bytes)} free`],
      ["wal", kib(stats.wal_bytes)],
      ["oldest", oldest_at],
      ["newest", newest_at],
    ];
    for (const [name, value] of rows) output.print(`${name.padEnd(8)}  ${value}`);
  });
}

function kib(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`;
}
