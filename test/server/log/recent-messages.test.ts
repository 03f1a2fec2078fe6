import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
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

describe("messages that were written last", () => {
  it("are moved when there are many, and nobody sees a difference", async () => {
    const path = await freshPath();
    const store = await open(path);
    const all = Array.from({ length: 2700 }, (_, index) => numbered(index));
    for (let from = 0; from < all.length; from += 300) await store.events.append(all.slice(from, from + 300));
    expect(count(path, "messages")).toBe(2100);
    expect(count(path, "recent_messages")).toBe(600);
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

  it("are moved early when they are long", async () => {
    const path = await freshPath();
    const store = await open(path);
    const long = Array.from({ length: 300 }, () => draft({ message: "x".repeat(4000) }));
    await store.events.append(long);
    await store.events.append([draft()]);
    expect([count(path, "messages"), count(path, "recent_messages")]).toEqual([300, 1]);
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
