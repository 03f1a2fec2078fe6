import { describe, expect, it } from "vitest";
import { AuthThrottle } from "../../../../src/server/http/auth-throttle.js";

function setUp(enabled = true) {
  let now = 0;
  const throttle = new AuthThrottle(enabled, () => now);
  return { throttle, wait: (ms: number) => (now += ms) };
}
const far = { address: "192.0.2.1", is_local: false };
const near = { address: "127.0.0.1", is_local: true };
const strangers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ address: `198.51.100.${index}`, is_local: false }));
const times = (count: number, take: () => number) => Array.from({ length: count }, take);

describe("the throttle of accounts", () => {
  it("lets an address try ten passwords for a name, in whatever case, then one every 10 s", () => {
    const { throttle, wait } = setUp();
    expect(times(10, () => throttle.password("Nami", far))).toEqual(Array(10).fill(0));
    expect(throttle.password("NAMI", far)).toBe(10_000);
    expect([throttle.password("zoro", far), throttle.password("nami", near)]).toEqual([0, 0]);
    wait(10_000);
    expect([throttle.password("nami", far), throttle.password("nami", far)]).toEqual([0, 10_000]);
  });

  it("lets all addresses try a hundred passwords for a name, those that knew the right one aside", () => {
    const { throttle } = setUp();
    throttle.succeeded("Nami", far);
    const tried = strangers(100).flatMap((stranger) => times(10, () => throttle.password("nami", stranger)));
    expect(tried.filter((wait) => wait === 0)).toHaveLength(100);
    expect(throttle.password("nami", near)).toBeGreaterThan(0);
    expect(times(10, () => throttle.password("NAMI", far))).toEqual(Array(10).fill(0));
    expect(throttle.password("nami", far)).toBe(10_000);
  });

  it("leaves a name to an address that has tried little, while nine others try all they can", () => {
    const { throttle } = setUp();
    for (const stranger of strangers(9)) times(100, () => throttle.password("nami", stranger));
    expect(throttle.password("nami", far)).toBe(0);
  });

  it("lets an address make ten accounts, then one every six minutes", () => {
    const { throttle, wait } = setUp();
    expect(times(10, () => throttle.account(far))).toEqual(Array(10).fill(0));
    expect(throttle.account(far)).toBe(360_000);
    expect(times(30, () => throttle.request(far))).toEqual(Array(30).fill(0));
    expect(throttle.request(far)).toBe(6000);
    wait(360_000);
    expect([throttle.account(far), throttle.request(far)]).toEqual([0, 0]);
  });

  it("counts neither this machine nor, switched off, anybody", () => {
    const { throttle } = setUp();
    expect(Math.max(...times(100, () => throttle.request(near)), ...times(100, () => throttle.account(near)))).toBe(0);
    expect(Math.max(...times(100, () => setUp(false).throttle.password("nami", far)))).toBe(0);
  });

  it("gives a user twenty tickets, then one a second", () => {
    const { throttle } = setUp();
    expect(times(21, () => throttle.ticket("nami")).at(-1)).toBe(1000);
  });

  it("stays bounded, and forgets those first that were made first", () => {
    const { throttle } = setUp();
    times(10, () => throttle.password("first", far));
    for (let index = 0; index < 20_000; index += 1) throttle.password(`name-${index}`, far);
    expect(throttle.password("first", far)).toBe(0);
    expect(times(10, () => throttle.password("name-19999", far)).at(-1)).toBeGreaterThan(0);
  });
});
