import { describe, expect, it } from "vitest";
import { Deadline } from "../../../../src/server/sockets/deadline.js";

const late = () => new Error("it was not done in time");

describe("a deadline", () => {
  it("passes on what comes of work that is done in time", async () => {
    const deadline = new Deadline(10_000, late);
    await expect(deadline.within(Promise.resolve("done"))).resolves.toBe("done");
    await expect(deadline.within(Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  });

  it("gives up what takes too long, whatever began before or after it", async () => {
    const deadline = new Deadline(10, late);
    const never = () => deadline.within(new Promise(() => {}));
    await deadline.within(Promise.resolve());
    await expect(Promise.allSettled([never(), never()])).resolves.toMatchObject([
      { reason: { message: "it was not done in time" } },
      { reason: { message: "it was not done in time" } },
    ]);
    await expect(never()).rejects.toThrow("in time");
  });
});
