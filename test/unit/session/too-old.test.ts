import { expect, it } from "vitest";
import { tooOld } from "../../../src/session/too-old.js";

it("a message gives up waiting after 30 days, before any retention forgets that it was stored", () => {
  const entry = {
    client_id: "c1",
    destination: { to: "nami" },
    message: "hi",
    created_at: "2026-10-01T00:00:00.000Z",
  };
  expect(tooOld(entry, Date.parse("2026-10-30T00:00:00Z"))).toBeUndefined();
  expect(tooOld(entry, Date.parse("2026-11-01T00:00:00Z"))).toMatchObject({ code: "conflict", retryable: false });
});
