import { describe, expect, it } from "vitest";
import { Tickets } from "../../../../src/server/auth/tickets.js";
import { VirtualRuntime } from "../../../support/virtual-runtime.js";

function setUp() {
  const runtime = new VirtualRuntime();
  return { tickets: new Tickets(runtime), runtime };
}

describe("a ticket", () => {
  it("stands for a token, once", () => {
    const { tickets, runtime } = setUp();
    const { ticket, expires_ms } = tickets.issue("hash");
    expect([ticket.length, expires_ms]).toEqual([43, runtime.now() + 30_000]);
    expect(tickets.redeem(ticket)).toBe("hash");
    expect(tickets.redeem(ticket)).toBeUndefined();
  });

  it("is good for 30 s, whatever time it becomes meanwhile", () => {
    const { tickets, runtime } = setUp();
    const [early, late] = [tickets.issue("hash"), tickets.issue("hash")];
    runtime.setClock(-3600 * 1000);
    runtime.advance(29_999);
    expect(tickets.redeem(early.ticket)).toBe("hash");
    runtime.advance(1);
    expect(tickets.redeem(late.ticket)).toBeUndefined();
  });

  it("is one of at most 10 000: the oldest give way", () => {
    const { tickets } = setUp();
    const issued = Array.from({ length: 10_001 }, (_, index) => tickets.issue(`hash ${index}`).ticket);
    expect(tickets.redeem(issued[0] ?? "")).toBeUndefined();
    expect(tickets.redeem(issued[1] ?? "")).toBe("hash 1");
    expect(tickets.redeem(issued.at(-1) ?? "")).toBe("hash 10000");
  });
});
