import { describe, expect, it } from "vitest";
import { ClientError } from "../../../src/client/client-error.js";
import { promiseOf, Requests } from "../../../src/client/requests.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

function begin() {
  const runtime = new VirtualRuntime();
  const requests = new Requests(runtime, 10_000);
  const ask = (id: string) => promiseOf("pong", (answer) => requests.expect(id, answer));
  return { runtime, requests, ask };
}

describe("requests", () => {
  it("are settled by the frame that names them, each by its own", async () => {
    const { requests, ask } = begin();
    const [first, second] = [ask("1"), ask("2")];
    const error = { code: "forbidden", message: "no", retryable: false } as const;
    expect(requests.settle({ type: "error", payload: error, reply_to: "2" })).toBe(true);
    expect(requests.settle({ type: "pong", payload: {}, reply_to: "1" })).toBe(true);
    await expect(first).resolves.toEqual({});
    await expect(second).rejects.toMatchObject({ name: "ClientError", code: "forbidden", failure: error });
    expect(requests.size).toBe(0);
  });

  it("leave alone what answers nothing or nobody", () => {
    const { requests } = begin();
    expect(requests.settle({ type: "pong", payload: {} })).toBe(false);
    expect(requests.settle({ type: "pong", payload: {}, reply_to: "9" })).toBe(false);
  });

  it("end by the timeout, and hold no timer afterwards", async () => {
    const { requests, ask, runtime } = begin();
    const asked = ask("1");
    runtime.advance(10_000);
    await expect(asked).rejects.toMatchObject({ code: "timeout", retryable: true });
    expect([requests.size, runtime.timers]).toEqual([0, 0]);
  });

  it("fail together when the connection is gone", async () => {
    const { requests, ask, runtime } = begin();
    const asked = [ask("1"), ask("2")];
    requests.failAll(new ClientError("unreachable", "gone"));
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([requests.size, runtime.timers]).toEqual([0, 0]);
  });

  it("reject an answer of another type than the one awaited", async () => {
    const { requests, ask } = begin();
    const asked = ask("1");
    requests.settle({ type: "unsubscribed", payload: { topics: [], rooms: [] }, reply_to: "1" });
    await expect(asked).rejects.toMatchObject({ code: "incompatible" });
  });
});
