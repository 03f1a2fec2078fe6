import { sanitizeLine } from "../../protocol/sanitize.js";
import { checkDatabase } from "../../server/log/sqlite/check-database.js";
import type { Context } from "../context.js";
import { count, noDatabase, withHubDatabase } from "../hub-database.js";
import { MangahubError } from "../mangahub-error.js";

/** `db check`: says what is wrong with the database, and ends with 1 if anything is. */
export async function dbCheck(context: Context): Promise<void> {
  const { stdout } = context.streams;
  await withHubDatabase(context, (database) => {
    const report = checkDatabase(database);
    if (report === undefined) throw noDatabase(database);
    const { rooms, messages, problems } = report;
    const ok = problems.length === 0;
    if (context.json) stdout.write(`${JSON.stringify({ database, ok, ...report })}\n`);
    else for (const { room_id, message } of problems) stdout.write(`${describe(room_id, message)}\n`);
    if (!ok) throw new MangahubError("failure", `${database} is not sound: ${count(problems.length, "problem")}`, HINT);
    if (!context.json) stdout.write(`ok: ${count(messages, "message")} in ${count(rooms, "room")} (${database})\n`);
  });
}

const HINT = { hint: "stop the hub and restore a backup: mangahub db restore FILE" };

function describe(room_id: string | undefined, message: string): string {
  return sanitizeLine(room_id === undefined ? message : `${room_id}: ${message}`);
}
