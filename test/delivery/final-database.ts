import Database from "better-sqlite3";
import type { FinalDatabase, StoredMark, StoredMessage, StoredRoom } from "./verdict.js";

/** What a hub's database holds; its hub must have ended. */
export function readDatabase(path: string): FinalDatabase {
  const database = new Database(path, { readonly: true });
  try {
    const rooms = database.prepare<[], StoredRoom>("SELECT room_id, epoch, head, oldest FROM rooms").all();
    const messages = database
      .prepare<[], StoredMessage>(
        "SELECT r.room_id, r.epoch, m.seq, m.id, u.user_id, m.client_id, m.message FROM all_messages m " +
          "JOIN rooms r USING (room_key) JOIN users u USING (user_key) ORDER BY r.room_key, m.seq",
      )
      .all();
    const marks = database
      .prepare<[], StoredMark>(
        "SELECT r.room_id, u.user_id, delivered, read, told_delivered, told_read FROM marks " +
          "JOIN rooms r USING (room_key) JOIN users u USING (user_key)",
      )
      .all();
    return { rooms, messages, marks };
  } finally {
    database.close();
  }
}
