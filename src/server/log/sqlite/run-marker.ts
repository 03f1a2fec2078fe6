// Runs in the writer's thread, inside its transactions.
import type { Database } from "better-sqlite3";
import { nanoid } from "nanoid";

/**
 * Says in the database that it is being written without waiting for the disk. Whoever finds that said by an earlier
 * run cannot know what the disk has forgotten: numbers may be given a second time, so every room gets a new epoch.
 */
export class RunMarker {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(database: Database) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /** True if the last run ended uncleanly and was not durable, and so all epochs are new. */
  begin(durable: boolean): boolean {
    const wasUnclean = this.#sql.find.get("volatile_since") !== undefined;
    if (wasUnclean) renewEpochs(this.#database);
    if (!durable) this.#sql.put.run("volatile_since", new Date().toISOString());
    else if (wasUnclean) this.#sql.remove.run("volatile_since");
    return wasUnclean;
  }

  /** Everything is on the disk, and nobody has the file any more. */
  end(): void {
    this.#sql.remove.run("volatile_since");
    this.#sql.remove.run("claim");
  }

  /** Writes something, to see whether that is possible. */
  touch(): void {
    this.#sql.put.run("probed_at", new Date().toISOString());
  }
}

/**
 * Gives every room a new epoch: no number that anybody remembers counts any more. Marks stay, for the messages below
 * the head are those that were marked; above it there may be nothing.
 */
export function renewEpochs(database: Database): void {
  const rooms = database.prepare<[], { room_key: number }>("SELECT room_key FROM rooms").all();
  const renew = database.prepare("UPDATE rooms SET epoch = ? WHERE room_key = ?");
  for (const { room_key } of rooms) renew.run(nanoid(10), room_key);
  database.exec(CAP_MARKS);
}

const CAP_MARKS = `
UPDATE marks SET delivered = min(delivered, r.head), read = min(read, r.head),
  told_delivered = min(told_delivered, r.head), told_read = min(told_read, r.head)
FROM rooms r WHERE r.room_key = marks.room_key AND max(delivered, read, told_delivered, told_read) > r.head
`;

function prepare(database: Database) {
  return {
    find: database.prepare<[string], { value: string }>("SELECT value FROM meta WHERE key = ?"),
    put: database.prepare(
      "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    ),
    remove: database.prepare("DELETE FROM meta WHERE key = ?"),
  };
}
