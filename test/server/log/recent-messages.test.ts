import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { MessageDraft } from "../../../src/server/log/event-log.js";
import { checkDatabase } from "../../../src/server/log/sqlite/check-database.js";
import { openForWriting } from "../../../src/server/log/sqlite/open-database.js";
import { draftToRow } from "../../../src/server/log/sqlite/rows.js";
import type { BatchReply } from "../../../src/server/log/sqlite/thread-message.js";
import { Writer } from "../../../src/server/log/sqlite/writer.js";
import { draft, ONE_PIECE, room } from "../../contract/store.contract.js";
import { temporaryFolders } from "./temporary-folder.js";

const { folder, open } = temporaryFolders();
const ROOMS = ["a", "b", "c"].map(room);

async function freshPath(): Promise<string> {
  return join(await folder(), "hub.db");
}

/** The message with this number; three rooms take turns. */
function numbered(number: number): MessageDraft {
  const room_id = ROOMS[number % ROOMS.length] ?? ONE_PIECE;
  return draft({ room_id, client_id: `c${number}`, message: `text ${number}` });
}

function append(writer: Writer, drafts: readonly MessageDraft[]): BatchReply {
  return writer.commit(drafts.map((each) => ({ op: "append", rows: [draftToRow(each)] }) as const));
}

function count(path: string, table: string): number {
  const database = new Database(path, { readonly: true });
  try {
    return Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  } finally {
    database.close();
  }
}

/** Messages, so many a batch and so long after the last one, through a writer that ends without a word. */
function write(
  path: string,
  drafts: readonly MessageDraft[],
  pace: { readonly batch: number; readonly every_ms: number },
) {
  const clock = { now: 0 };
  const database = openForWriting(path, { busyTimeoutMs: 0, durable: true });
  const writer = new Writer(database, () => clock.now);
  const counts: number[] = [];
  for (let from = 0; from < drafts.length; from += pace.batch) {
    clock.now += pace.every_ms;
    append(writer, drafts.slice(from, from + pace.batch));
    writer.tidy();
    counts.push(Number(database.prepare("SELECT count(*) FROM recent_messages").pluck().get()));
  }
  database.close();
  return counts;
}

describe("messages that were written last", () => {
  it.each([
    { pace: "quickly", every_ms: 1, recent: 600 },
    { pace: "slowly", every_ms: 1000, recent: 1897 },
  ])("are moved when there are many, however $pace they came, and nobody sees a difference", async (given) => {
    const path = await freshPath();
    const all = Array.from({ length: 2700 }, (_, index) => numbered(index));
    write(path, all, { batch: 300, every_ms: given.every_ms });
    expect(count(path, "messages")).toBe(2700 - given.recent);
    expect(count(path, "recent_messages")).toBe(given.recent);
    const store = await open(path);
    expect(checkDatabase(path)).toEqual({ rooms: 3, messages: 2700, problems: [] });
    const room_id = room("b");
    const seqs = async (range: object): Promise<number[] | undefined> => {
      const page = await store.events.read({ room_id, limit: 4, ...range });
      return page?.events.map(({ payload }) => payload.seq);
    };
    expect(await seqs({ after: 698 })).toEqual([699, 700, 701, 702]);
    expect(await seqs({ before: 703 })).toEqual([699, 700, 701, 702]);
    expect(await seqs({})).toEqual([897, 898, 899, 900]);
    expect(await seqs({ since_ms: all[1 + 3 * 699]?.created_ms })).toEqual([700, 701, 702, 703]);
    for (const number of [1, 2698]) {
      const [again, other] = await store.events.append([
        numbered(number),
        { ...numbered(number), message: "something else" },
      ]);
      expect(again).toMatchObject({ status: "duplicate", event: { payload: { seq: (number - 1) / 3 + 1 } } });
      expect(other).toEqual({ status: "conflict" });
    }
    await store.upkeep?.sweep({ now_ms: Date.now(), max_messages: 10, limit: 9999 });
    expect(await seqs({ after: 0 })).toEqual([891, 892, 893, 894]);
    expect(checkDatabase(path)).toEqual({ rooms: 3, messages: 30, problems: [] });
  });

  it("are moved an eighth at a time where few come, and all at once where many do", async () => {
    const drafts = Array.from({ length: 2600 }, (_, index) => numbered(index));
    const slowly = write(await freshPath(), drafts, { batch: 100, every_ms: 100 });
    expect(slowly.slice(18)).toEqual([1900, 1750, 1850, 1950, 1793, 1893, 1993, 1831]);
    const quickly = write(await freshPath(), drafts, { batch: 100, every_ms: 50 });
    expect(quickly.slice(18)).toEqual([1900, 0, 100, 200, 300, 400, 500, 600]);
  });

  it("are found after a crash, by their seqs and their client_ids, and stand with the others after a clean stop", async () => {
    const path = await freshPath();
    const database = openForWriting(path, { busyTimeoutMs: 0, durable: true });
    append(new Writer(database), [numbered(0), numbered(3), numbered(6)]);
    database.close();
    expect(count(path, "recent_messages")).toBe(3);
    const store = await open(path);
    expect(await store.events.read({ room_id: room("a"), limit: 9 })).toMatchObject({ head: 3, oldest: 1 });
    expect(await store.events.append([numbered(3), numbered(9)])).toMatchObject([
      { status: "duplicate", event: { payload: { seq: 2 } } },
      { status: "stored", event: { payload: { seq: 4 } } },
    ]);
    await store.close();
    expect([count(path, "recent_messages"), count(path, "messages")]).toEqual([0, 4]);
  });

  it("are moved early when they are long, until they are not", async () => {
    const long = Array.from({ length: 300 }, () => draft({ message: "x".repeat(4000) }));
    const quickly = write(await freshPath(), [...long, draft()], { batch: 300, every_ms: 1 });
    expect(quickly).toEqual([0, 1]);
    const slowly = write(await freshPath(), [...long, draft(), draft()], { batch: 300, every_ms: 1000 });
    expect(slowly).toEqual([262, 264]);
  });

  it("leave no copy of their text in the file", async () => {
    const path = await freshPath();
    const store = await open(path);
    const drafts = Array.from({ length: 100 }, () => draft({ message: "burn after reading", expires_ms: 1 }));
    await store.events.append(drafts);
    await store.upkeep?.sweep({ now_ms: 2, limit: 999 });
    await store.close();
    expect((await readFile(path)).includes("burn after reading")).toBe(false);
  });

  it("wait for a database that does not let them join the rest, then say so, and join when it does", async () => {
    const path = await freshPath();
    const database = openForWriting(path, { busyTimeoutMs: 0, durable: true });
    const writer = new Writer(database);
    database.exec("CREATE TRIGGER refuse BEFORE INSERT ON messages BEGIN SELECT raise(ABORT, 'refused'); END");
    const answers: BatchReply[] = [];
    for (let from = 0; from < 9000; from += 500) {
      answers.push(
        append(
          writer,
          Array.from({ length: 500 }, (_, index) => numbered(from + index)),
        ),
      );
      writer.tidy();
    }
    expect(answers.slice(0, 16).flat()).toHaveLength(8000);
    expect(
      answers
        .slice(0, 16)
        .flat()
        .every((answer) => "reply" in answer),
    ).toBe(true);
    expect(answers[16]?.[0]).toMatchObject({
      failure: { code: "SQLITE_CORRUPT", message: expect.stringContaining("refused") },
    });
    database.exec("DROP TRIGGER refuse");
    expect(append(writer, [numbered(0), numbered(8000)])).toMatchObject([
      { reply: { outcomes: [{ seq: 1 }] } },
      { reply: { outcomes: [2667] } },
    ]);
    database.close();
    expect(checkDatabase(path)).toEqual({ rooms: 3, messages: 8001, problems: [] });
  });
});

describe("what a writer has to tidy up", () => {
  async function freshWriter() {
    const database = openForWriting(await freshPath(), { busyTimeoutMs: 0, durable: true });
    onTestFinished(() => void database.close());
    return new Writer(database);
  }

  it("is due with 2000 new messages, and overdue with a quarter more", async () => {
    const writer = await freshWriter();
    const seen = [];
    for (let from = 0; from < 2500; from += 250) {
      const rows = Array.from({ length: 250 }, (_, index) => draftToRow(numbered(from + index)));
      writer.commit([{ op: "append", rows }]);
      seen.push(writer.tidiness);
    }
    expect(seen).toEqual([...Array<string>(7).fill("tidy"), "due", "due", "overdue"]);
    writer.tidy();
    expect(writer.tidiness).toBe("tidy");
  });

  it("is due after 200 operations, for the WAL may have grown, and overdue after as many more", async () => {
    const writer = await freshWriter();
    const seen = [];
    for (let from = 0; from < 500; from += 100) {
      append(
        writer,
        Array.from({ length: 100 }, (_, index) => numbered(from + index)),
      );
      seen.push(writer.tidiness);
    }
    expect(seen).toEqual(["tidy", "due", "due", "overdue", "overdue"]);
    writer.tidy();
    expect(writer.tidiness).toBe("tidy");
  });
});
