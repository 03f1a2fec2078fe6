import { describe, expect, it } from "vitest";
import { ClientError } from "../../../src/client/client-error.js";
import { failure } from "../../../src/protocol/error-code.js";
import { refusalOf } from "../../../src/session/refusal.js";

describe("a message is refused for good", () => {
  it("by what the hub answers to it, unless that is about the moment", () => {
    const reason = failure("unknown_user", "nobody called usopp is known here");
    expect(refusalOf(new ClientError(reason.code, reason.message, { failure: reason }))).toBe(reason);
    const busy = failure("too_fast", "wait");
    expect(refusalOf(new ClientError("too_fast", "wait", { failure: busy, retryable: true }))).toBeUndefined();
  });

  it("by the client when the hub could not understand it", () => {
    expect(refusalOf(new ClientError("too_large", "a message is at most 16384 bytes"))).toMatchObject({
      code: "too_large",
    });
  });

  it("never by the end of a connection, a full queue or a bug", () => {
    const notice = failure("name_taken", "taken");
    for (const error of [
      new ClientError("closed", "the client was disconnected"),
      new ClientError("forbidden", "banned", { close_code: 4403, failure: notice }),
      new ClientError("too_large", "a frame was too large", { close_code: 4413 }),
      new ClientError("not_authenticated", "no", { http_status: 401 }),
      new ClientError("too_many", "1000 messages are waiting already"),
      new ClientError("incompatible", "another protocol"),
      new TypeError("a bug"),
    ]) {
      expect(refusalOf(error)).toBeUndefined();
    }
  });
});
