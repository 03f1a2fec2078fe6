import { checkDatabase, type Problem } from "../../server/log/sqlite/check-database.js";
import type { Context } from "../context.js";
import { count } from "../count.js";
import { noDatabase, withHubDatabase } from "../hub-database.js";
import { MangahubError } from "../mangahub-error.js";

/** `db check`: says what is wrong with the database, and ends with 1 if anything is. */
export async function dbCheck(context: Context): Promise<void> {
  const { json, output } = context;
  await withHubDatabase(context, (database) => {
    const report = checkDatabase(database);
    if (report === undefined) throw noDatabase(database);
    const { rooms, messages, problems } = report;
    const ok = problems.length === 0;
    if (json) output.printJson({ database, ok, ...report });
    else output.print(...problems.map(describe));
    if (!ok) throw new MangahubError("failure", `${database} is not sound: ${count(problems.length, "problem")}`, HINT);
    if (!json) output.print(`ok: ${count(messages, "message")} in ${count(rooms, "room")} (${database})`);
  });
}

const HINT = { hint: "stop the hub and restore a backup: mangahub db restore FILE" };

function describe({ room_id, message }: Problem): string {
  return room_id === undefined ? message : `${room_id}: ${message}`;
}
