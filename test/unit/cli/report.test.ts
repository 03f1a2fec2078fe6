import { describe, expect, it } from "vitest";
import { EXIT_CODES } from "../../../src/cli/exit-code.js";
import { MangahubError } from "../../../src/cli/mangahub-error.js";
import { reportOf } from "../../../src/cli/report.js";
import { ConfigError } from "../../../src/config/config-error.js";

describe("a failure is reported", () => {
  it("as one line and a hint, with its own exit", () => {
    const error = new MangahubError("kept", "the server is away", { hint: "it is sent later", cause: new Error("x") });
    expect(reportOf(error)).toEqual({ lines: ["mangahub: the server is away", "  it is sent later"], exit: "kept" });
  });

  it("with each line of its hint set in", () => {
    expect(reportOf(new MangahubError("failure", "away", { hint: "a\nb" })).lines).toEqual([
      "mangahub: away",
      "  a",
      "  b",
    ]);
  });

  it("as a usage error if a flag has a value that is not allowed, as one of the settings otherwise", () => {
    const problem = { key: "linger", value: "x", allowed: "a duration" };
    const flag = new ConfigError({ ...problem, origin: { kind: "flag", name: "--linger" } });
    const file = new ConfigError({ ...problem, origin: { kind: "file", name: "c.yaml", line: 2 } });
    expect(reportOf(flag)).toEqual({
      lines: ['mangahub: --linger: linger is "x"; allowed: a duration'],
      exit: "usage",
    });
    expect(reportOf(file).exit).toBe("config");
  });

  it("with a hint if the system is at fault, and a stack only if we are", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    expect(reportOf(full)).toMatchObject({ exit: "failure", lines: [expect.anything(), "  the disk is full"] });
    const bug = reportOf(new TypeError("x is not a function"));
    expect(bug.exit).toBe("bug");
    expect(bug.lines.join("\n")).toContain("    at ");
    expect(reportOf("thrown text").lines).toContain("thrown text");
  });
});

describe("the exit codes", () => {
  it("are all different, as scripts rely on them", () => {
    const codes = Object.values(EXIT_CODES);
    expect(new Set(codes).size).toBe(codes.length);
    expect(EXIT_CODES).toMatchObject({ ok: 0, usage: 2, config: 3, kept: 7, bug: 70, interrupted: 130 });
  });
});
