import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/protocol/limits.js";
import { messageFault } from "../../../src/protocol/message-fault.js";

describe("why a message would be refused", () => {
  it.each(["", "  \n", "\u200b\u2060", "\u0007"])("is that it shows nothing, with whatever bytes: %j", (text) => {
    expect(messageFault(text)).toBe("there is nothing to send: a message needs text");
  });

  it("is its size, in bytes", () => {
    expect(messageFault("a".repeat(LIMITS.maxMessageBytes))).toBeUndefined();
    expect(messageFault("é".repeat(LIMITS.maxMessageBytes))).toContain(`${2 * LIMITS.maxMessageBytes} bytes`);
  });
});
