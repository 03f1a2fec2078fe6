import { describe, expect, it } from "vitest";
import { ClientError } from "../../../src/client/client-error.js";
import type { Answer } from "../../../src/client/requests.js";
import { MAX_QUEUED_SENDS, SendQueue } from "../../../src/client/send-queue.js";
import { GENERAL_ROOM } from "../../../src/protocol/room-id.js";
import { VirtualRuntime } from "../../support/virtual-runtime.js";

/** A queue and its wire: what was put on it, and the answer each item waits for. */
function begin() {
  const runtime = new VirtualRuntime();
  const wire: { readonly client_id: string; readonly answer: Answer }[] = [];
  const line = { up: true, probes: 0 };
  const queue = new SendQueue({
    runtime,
    probe: () => {
      line.probes += 1;
    },
    request(command, answer) {
      if (line.up && command.type === "message.send") wire.push({ client_id: command.payload.client_id, answer });
      return line.up;
    },
  });
  const send = (client_id: string) => queue.add({ room_id: GENERAL_ROOM, message: "hi", client_id });
  const ack = (index: number): void => {
    const { client_id, answer } = wire[index] ?? { client_id: "", answer: undefined };
    const payload = { client_id, id: "m", room_id: GENERAL_ROOM, seq: index + 1, epoch: "e1", timestamp: 1 };
    answer?.onAnswer({ type: "message.ack", payload });
  };
  const fail = (index: number, code: "too_fast" | "forbidden" | "timeout", retry_after_ms?: number): void =>
    wire[index]?.answer.onFailure(new ClientError(code, code, { retryable: code !== "forbidden", retry_after_ms }));
  return { runtime, wire, line, queue, send, ack, fail, ids: () => wire.map(({ client_id }) => client_id) };
}

describe("the send queue", () => {
  it("sends one after another, in order", async () => {
    const { send, ack, ids } = begin();
    const [first, second] = [send("a"), send("b")];
    expect(ids()).toEqual(["a"]);
    ack(0);
    await expect(first).resolves.toMatchObject({ client_id: "a" });
    expect(ids()).toEqual(["a", "b"]);
    ack(1);
    await expect(second).resolves.toMatchObject({ client_id: "b" });
  });

  it("waits out too_fast and sends the same message again before the next", () => {
    const { send, fail, ids, runtime } = begin();
    void send("a");
    void send("b");
    fail(0, "too_fast", 700);
    runtime.advance(699);
    expect(ids()).toEqual(["a"]);
    runtime.advance(1);
    expect(ids()).toEqual(["a", "a"]);
  });

  it("rejects only what is refused for good, and goes on", async () => {
    const { send, fail, ids } = begin();
    const refused = send("a");
    void send("b");
    fail(0, "forbidden");
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    expect(ids()).toEqual(["a", "b"]);
  });

  it("keeps what was under way when the line broke and sends it again first, deaf to late outcomes", async () => {
    const { send, ack, fail, queue, ids, line } = begin();
    const first = send("a");
    void send("b");
    line.up = false;
    queue.pause();
    fail(0, "forbidden");
    queue.flush();
    expect(ids()).toEqual(["a"]);
    line.up = true;
    queue.flush();
    expect(ids()).toEqual(["a", "a"]);
    ack(1);
    await expect(first).resolves.toMatchObject({ client_id: "a" });
  });

  it("asks after the server when an answer does not come, and sends again", () => {
    const { send, fail, ids, line, runtime } = begin();
    void send("a");
    fail(0, "timeout");
    expect(line.probes).toBe(1);
    runtime.advance(15_000);
    expect(ids()).toEqual(["a", "a"]);
  });

  it("joins a message with a client_id that is already waiting", () => {
    const { send, ids } = begin();
    expect(send("a")).toBe(send("a"));
    expect(ids()).toEqual(["a"]);
  });

  it("is bounded, and rejects everything when it ends", async () => {
    const { send, queue, line, runtime } = begin();
    line.up = false;
    const sends = Array.from({ length: MAX_QUEUED_SENDS }, (_, index) => send(`m${index}`));
    await expect(send("one too many")).rejects.toMatchObject({ code: "too_many" });
    queue.end(new ClientError("closed", "done"));
    const results = await Promise.allSettled(sends);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
    expect(runtime.timers).toBe(0);
  });
});
