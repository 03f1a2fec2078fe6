import { describe, expect, it } from "vitest";
import { fanoutTargets, mediansOf, ratiosOf } from "../../../bench/fanout/fanout-report.js";
import { type Figures, figuresOf, timesInterrupts } from "../../../bench/fanout/figures.js";
import type { LoadReport } from "../../../bench/fanout/generator.js";

const SECOND = 1e9;

describe("the figures of a run", () => {
  it("are the server's time on a CPU for each delivery, with what the kernel did for it elsewhere", () => {
    const report = reportOf({ delivered: 100_000, server_ns: SECOND, softirqd_ns: SECOND / 10 });
    const [group] = report.groups;
    if (group === undefined) throw new Error("the report has no group");
    const figures = figuresOf(report, group);
    // A kernel that times interrupts apart has them in the core's ticks instead, and there are none here.
    expect(figures.cpu_us).toBeCloseTo(timesInterrupts() ? 10 : 11);
    expect(figures.user_us).toBeCloseTo(2.5);
    expect(figures.deliveries_per_s).toBeCloseTo(50_000);
    expect(figures.frames_per_read).toBeCloseTo(4);
    // The core was busy for 1.6 of 2 seconds.
    expect(figures.others).toBeCloseTo(timesInterrupts() ? 0.3 : 0.25);
  });
});

describe("the ratios", () => {
  it("are taken within each round, and are their median", () => {
    const outcomes = runs({ mangahub: [1, 10, 4], "naive-ws": [2, 5, 8] });
    expect(ratiosOf(outcomes)).toMatchObject([{ to: "naive-ws", median: 0.5, least: 0.5, most: 2 }]);
  });

  it("leave out rounds in which others used the core, if three are left", () => {
    const quiet = { "naive-ws": [1, 1, 1, 1] };
    const dirty = runs({ mangahub: [1, 1, 1, 9], ...quiet }, 3);
    expect(ratiosOf(dirty)).toMatchObject([{ median: 1, most: 1 }]);
    expect(mediansOf(dirty)[0]).toMatchObject({ rounds: 4, clean: 3 });
  });

  it("count all rounds where too few were clean", () => {
    const outcomes = runs({ mangahub: [1, 1, 9], "naive-ws": [1, 1, 1] }, 2);
    expect(ratiosOf(outcomes)).toMatchObject([{ most: 9 }]);
  });

  it("are judged by the worst scenario of a column", () => {
    const ratio = { server: "mangahub", to: "naive-ws", least: 0, most: 9 };
    const targets = fanoutTargets([
      { ...ratio, scenario: "10", median: 0.7 },
      { ...ratio, scenario: "1000", median: 0.9 },
      { ...ratio, scenario: "2", median: 1 },
    ]);
    expect(targets.map(({ value, limit }) => [value, limit])).toEqual([
      [0.9, 0.8],
      [1, 1.2],
    ]);
  });
});

/** Scenario 100 with these CPU times per delivery, by round; in the round given others used mangahub's core. */
function runs(cpu: Readonly<Record<string, readonly number[]>>, dirty?: number) {
  const servers = Object.entries(cpu).map(([name, values]) => {
    const isDirty = (round: number) => name === "mangahub" && round === dirty;
    return [name, values.map((cpu_us, round) => figures(cpu_us, isDirty(round) ? 0.5 : 0))] as const;
  });
  return new Map([["100", new Map(servers)]]);
}

function figures(cpu_us: number, others: number): Figures {
  const rest = { deliveries_per_s: 1, messages_per_s: 1, frames_per_read: 1, p50_ms: 1, p99_ms: 1, max_ms: 1 };
  return { cpu_us, user_us: 0, system_us: cpu_us, ...rest, server_busy: 1, generator_busy: 0.5, others };
}

/** Two seconds in which a quarter of the server's time was its own code. */
function reportOf(of: { delivered: number; server_ns: number; softirqd_ns: number }): LoadReport {
  const idle = { server_ns: 0, user_ticks: 0, system_ticks: 0, softirqd_ns: 0, core_ticks: [0, 0, 0, 0, 0, 0, 0, 0] };
  const latencies = { timed: 1, p50_ms: 1, p99_ms: 2, max_ms: 3 };
  const counts = { probes: 0, lost: 0, duplicated: 0, stray: 0, ...latencies, calm: { ...latencies, timed: 0 } };
  const { delivered, server_ns, softirqd_ns } = of;
  return {
    connections: 10,
    closed: 0,
    window_ms: 2000,
    busy: 0.5,
    reads_window: delivered / 4,
    groups: [{ ...counts, sent: 100, sent_window: 100, delivered, delivered_window: delivered }],
    begin: idle,
    end: { server_ns, softirqd_ns, user_ticks: 25, system_ticks: 75, core_ticks: [60, 0, 100, 40, 0, 0, 0, 0] },
  };
}
