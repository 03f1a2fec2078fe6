import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareCase, type Figures, figure, verdictOf } from "../../../bench/beside/beside.js";
import { findBuild } from "../../../bench/beside/build.js";

const cpu = (value: number): Figures => ({ CPU: figure(value, "ms") });
const rate = (value: number): Figures => ({ "messages/s": figure(value, "", "more") });

describe("a comparison of two builds", () => {
  it("divides within each round, so that a slow round counts for both", () => {
    const [found] = compareCase("send", {
      first: [cpu(10), cpu(100)],
      again: [cpu(10), cpu(100)],
      other: [cpu(20), cpu(200)],
    });
    expect(found).toMatchObject({ what: "send: CPU", ratio: 0.5, least: 0.5, most: 0.5, spread: 1 });
    expect(found && verdictOf(found)).toBe("better");
  });

  it("turns what is better when there is more of it, so that above 1 is worse", () => {
    const [found] = compareCase("one", { first: [rate(50)], again: [rate(50)], other: [rate(100)] });
    expect(found?.ratio).toBe(2);
    expect(found && verdictOf(found)).toBe("worse");
  });

  it("counts as equal what the same build differs by from itself", () => {
    const [found] = compareCase("send", { first: [cpu(10)], again: [cpu(13)], other: [cpu(10)] });
    expect(found?.ratio).toBeCloseTo(1.15);
    expect(found && verdictOf(found)).toBe("equal");
  });

  it("counts as equal what differs by a twentieth, on however quiet a machine", () => {
    const verdicts = [10.4, 10.6].map((value) => {
      const [found] = compareCase("send", { first: [cpu(value)], again: [cpu(value)], other: [cpu(10)] });
      return found && verdictOf(found);
    });
    expect(verdicts).toEqual(["equal", "worse"]);
  });

  it("has no verdict about a figure that one build does not have", () => {
    const [found] = compareCase("send", { first: [cpu(10)], again: [cpu(10)], other: [{}] });
    expect(found && verdictOf(found)).toBe("unknown");
  });
});

describe("the other build", () => {
  const directory = mkdtempSync(join(tmpdir(), "mangahub-test-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("must be built, and the error says how", () => {
    expect(() => findBuild(directory)).toThrow(/there is no .*dist.index\.js; run npm ci && npm run build/);
    for (const folder of ["dist", "bin"]) mkdirSync(join(directory, folder));
    for (const file of ["dist/index.js", "bin/mangahub.js"]) writeFileSync(join(directory, file), "");
    expect(findBuild(directory)).toBe(directory);
  });
});
