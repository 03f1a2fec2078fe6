import { describe, expect, it } from "vitest";
import { Attention } from "../../../../src/tui/app/attention.js";

const MINUTE_MS = 60_000;

describe("whether somebody looks", () => {
  it("is so for a minute after the start and after each key, where the terminal does not tell", () => {
    const attention = new Attention(1000);
    expect(attention.isHere(1000 + MINUTE_MS - 1)).toBe(true);
    expect(attention.isHere(1000 + MINUTE_MS)).toBe(false);
    attention.onKey(200_000);
    expect([attention.isHere(200_000), attention.isHere(200_000 + MINUTE_MS)]).toEqual([true, false]);
  });

  it("is what the terminal says, if it says so", () => {
    const attention = new Attention(0);
    attention.onFocus(true);
    expect(attention.isHere(10 * MINUTE_MS)).toBe(true);
    attention.onFocus(false);
    expect(attention.isHere(10 * MINUTE_MS)).toBe(false);
  });

  it("is so again with a key, though the terminal has not said that it has the focus again", () => {
    const attention = new Attention(0);
    attention.onFocus(false);
    attention.onKey(5000);
    expect(attention.isHere(5000)).toBe(true);
    expect(attention.isHere(5000 + MINUTE_MS)).toBe(false);
  });
});
