import { describe, expect, it } from "vitest";
import { Passwords } from "../../../../src/server/auth/passwords.js";

/** Of "gear second", made with N 16, r 1, p 1. */
const CHEAP = "scrypt$16$1$1$c2FsdA$7YPyjfti3qpxJPY2Q14h0sqn35mGjySTdY3LUFW7fAo";

describe("passwords", () => {
  it("are stored with what made them, each with a salt of its own, and found to be the same", async () => {
    const passwords = new Passwords();
    const [one, other] = await Promise.all([passwords.hash("gear second"), passwords.hash("gear second")]);
    expect(one).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
    expect(await passwords.verify("gear second", one)).toBe(true);
    expect(await passwords.verify("gear third", one)).toBe(false);
    expect(passwords.isOutdated(one)).toBe(false);
  });

  it("of another cost are verified by that cost, and known as outdated", async () => {
    const passwords = new Passwords();
    expect(await passwords.verify("gear second", CHEAP)).toBe(true);
    expect(await passwords.verify("Gear second", CHEAP)).toBe(false);
    expect(passwords.isOutdated(CHEAP)).toBe(true);
  });

  it("of nobody are wrong, and take the work of somebody's", async () => {
    const passwords = new Passwords();
    const started = process.cpuUsage();
    expect(await passwords.verify("")).toBe(false);
    const { user } = process.cpuUsage(started);
    // The cheap one above takes less than a millisecond; this is scrypt with 32 MiB, three times.
    expect(user).toBeGreaterThan(30_000);
  });

  it.each([
    "",
    "plain text",
    "scrypt$32768$8$3$salt$short",
    `scrypt$3$1$1$c2FsdA$${"A".repeat(43)}`,
    `scrypt$1048576$64$1$c2FsdA$${"A".repeat(43)}`,
    `scrypt$16$0$1$c2FsdA$${"A".repeat(43)}`,
  ])("that cannot be read (%s) are wrong, and harm nobody", async (stored) => {
    expect(await new Passwords().verify("gear second", stored)).toBe(false);
  });

  it("are worked on a few at a time, and more than can wait are told of", async () => {
    const passwords = new Passwords();
    const many = Array.from({ length: 66 }, () => passwords.verify("gear second", CHEAP));
    expect(passwords.isOverloaded).toBe(true);
    expect(await Promise.all(many)).toEqual(Array(66).fill(true));
    expect(passwords.isOverloaded).toBe(false);
  });
});
