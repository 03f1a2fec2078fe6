import { describe, expect, it } from "vitest";
import { judgeEnd, type SocketEnd } from "../../../src/client/client-error.js";
import { UpgradeRefused } from "../../../src/client/platform.js";
import { CLOSE_CODES } from "../../../src/protocol/close-code.js";
import { failure } from "../../../src/protocol/error-code.js";

const url = "ws://hub/ws";
const end = (rest: Partial<SocketEnd>): SocketEnd => ({ code: 1006, reason: "", opened: true, ...rest });

describe("the end of a socket", () => {
  it.each(Object.entries(CLOSE_CODES))("is judged by the table for %s", (code, { reconnect }) => {
    const verdict = judgeEnd(end({ code: Number(code) }), { url });
    expect(verdict.reconnect).toBe(reconnect);
    expect(verdict.error).toMatchObject({ close_code: Number(code), retryable: reconnect !== "never" });
    expect(verdict.error.message).not.toContain("retry_after_ms");
  });

  it("with an unknown code counts as a lost line", () => {
    expect(judgeEnd(end({ code: 4999 }), { url })).toMatchObject({
      reconnect: "backoff",
      error: { code: "unreachable" },
    });
  });

  it("is told in the hub's words, freed of what a terminal would obey", () => {
    const verdict = judgeEnd(end({ code: 4403, reason: "spam\u001b[2J" }), { url });
    expect(verdict.error).toMatchObject({ code: "forbidden", message: `the connection to ${url} ended: spam[2J` });
    const notice = failure("name_taken", "Nami is taken");
    expect(judgeEnd(end({ code: 4409 }), { url, notice }).error).toMatchObject({ code: "name_taken", failure: notice });
  });

  it("before it was open is unreachable, a plain HTTP answer what its status or body says", () => {
    const unopened = (cause: unknown) => judgeEnd(end({ opened: false, cause }), { url }).error;
    expect(unopened(new Error("connect ECONNREFUSED")).message).toBe(`cannot reach ${url}: connect ECONNREFUSED`);
    expect(unopened(undefined)).toMatchObject({ code: "unreachable", retryable: true });
    expect(unopened(new TypeError("there is no WebSocket here"))).toMatchObject({ retryable: false });
    const body = '{"code":"bad_payload","message":"a room is 1 to 64 letters"}';
    expect(unopened(new UpgradeRefused(400, body))).toMatchObject({
      code: "bad_payload",
      message: `${url} answered HTTP 400: a room is 1 to 64 letters`,
    });
    // What `ws` says where nobody reads the answer.
    const unread = new Error("Unexpected server response: 403");
    expect(unopened(unread)).toMatchObject({ code: "forbidden", http_status: 403, retryable: false });
    expect(unopened(new UpgradeRefused(200, "<html>")).message).toContain("is it a mangahub server");
  });
});
