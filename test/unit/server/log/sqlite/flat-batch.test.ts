import { describe, expect, it } from "vitest";
import { flatBatch, flatReply, unflatBatch, unflatReply } from "../../../../../src/server/log/sqlite/flat-batch.js";
import { draftToRow, type MessageRow } from "../../../../../src/server/log/sqlite/rows.js";
import type { Batch, BatchReply } from "../../../../../src/server/log/sqlite/thread-message.js";
import { draft, ONE_PIECE } from "../../../../contract/store.contract.js";

describe("a batch on its way between the threads", () => {
  it("arrives as it was, appends of none, one or many rows among other operations", () => {
    const rows = [draft({ client_id: "c" }), draft({ reply_to: 1, meta: { price: 9 } }), draft()].map(draftToRow);
    const batch: Batch = [
      { op: "append", rows: rows.slice(0, 1) },
      { op: "open_room", room_id: ONE_PIECE, members: [] },
      { op: "append", rows: [] },
      { op: "append", rows },
      { op: "probe" },
    ];
    expect(unflatBatch(structuredClone(flatBatch(batch)))).toEqual(batch);
  });

  it("is answered as it was answered: seqs, duplicates, conflicts, failures, and whatever else", () => {
    const stored = { seq: 3, message: "again" } as MessageRow;
    const answers: BatchReply = [
      { reply: { outcomes: [7, "conflict", stored], epochs: ["a", "b", "a"] } },
      { reply: { epoch: "e", head: 1, oldest: 1 } },
      { failure: { message: "no room", code: "SQLITE_FULL" } },
      { reply: { outcomes: [], epochs: [] } },
      { reply: ["session"] },
      { reply: null },
      { reply: { outcomes: [8], epochs: ["a"] } },
    ];
    expect(unflatReply(structuredClone(flatReply(answers)))).toEqual(answers);
  });
});
