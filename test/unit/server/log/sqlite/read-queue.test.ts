import { describe, expect, it } from "vitest";
import { GENERAL_ROOM } from "../../../../../src/protocol/room-id.js";
import { ReadQueue } from "../../../../../src/server/log/sqlite/read-queue.js";
import type { ReadRequest } from "../../../../../src/server/log/sqlite/thread-message.js";

const small: ReadRequest = { op: "list_rooms", limit: 1 };
const page: ReadRequest = { op: "read", range: { room_id: GENERAL_ROOM, limit: 500, max_bytes: 1024 * 1024 } };
const macrotask = () => new Promise((resolve) => setImmediate(resolve));

/** A reader that answers when the test says so, with what it was asked. */
function slowReader() {
  const lots: { readonly requests: readonly ReadRequest[]; readonly answer: () => void }[] = [];
  const call = <Reply>(requests: readonly ReadRequest[]) =>
    new Promise<Reply>((resolve) => {
      const replies = requests.map((request) => ({ reply: request }));
      lots.push({ requests, answer: () => resolve(replies as Reply) });
    });
  return { lots, queue: new ReadQueue({ call }) };
}

describe("the read queue", () => {
  it("passes what one turn asks in lots of 64", async () => {
    const { lots, queue } = slowReader();
    const asked = Array.from({ length: 100 }, () => queue.ask(small));
    await macrotask();
    expect(lots.map(({ requests }) => requests.length)).toEqual([64, 36]);
    for (const lot of lots) lot.answer();
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 100 }, () => small));
  });

  it("passes large pages alone, and no more than two lots before the loop has had its turn", async () => {
    const { lots, queue } = slowReader();
    const asked = [page, page, page, small, page].map((request) => queue.ask(request));
    await macrotask();
    expect(lots.map(({ requests }) => requests)).toEqual([[page], [page]]);
    lots[0]?.answer();
    await asked[0];
    await Promise.resolve();
    expect(lots).toHaveLength(2);
    await macrotask();
    expect(lots.slice(2).map(({ requests }) => requests)).toEqual([[page, small]]);
    for (let next = 1; next < lots.length; next += 1) {
      lots[next]?.answer();
      await macrotask();
      await macrotask();
    }
    expect(await Promise.all(asked)).toEqual([page, page, page, small, page]);
  });
});
