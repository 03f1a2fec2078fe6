import { describe, expect, it } from "vitest";
import { parseConfigText } from "../../../src/config/config-text.js";

const read = (text: string): unknown => parseConfigText("c.yaml", text).written;

describe("a settings file", () => {
  it("says on which line a setting stands", () => {
    const file = parseConfigText("c.yaml", "# mine\nclient:\n  name: nami\n  room: wano\nlinger: 1s\n");
    expect(["client", "client.room", "linger", "log.level"].map(file.lineOf)).toEqual([2, 4, 5, undefined]);
    // The nearest thing that is there.
    expect(file.lineOf("client.server")).toBe(2);
  });

  it.each(["", "# only a comment\n", "client:\n", "---\n"])("that sets nothing is fine: %j", (text) => {
    expect(read(text)).toEqual({});
  });

  it.each([
    ["client:\n  name: a\n  name: b\n", "c.yaml:3: "],
    ["client: {name: nami\n", "c.yaml:2: "],
    ["client:\n\tname: x\n", "c.yaml:2: "],
    ["- a\n- b\n", "c.yaml: the file must hold settings"],
    ["just text", "c.yaml: the file must hold settings"],
    [`a: ${"[".repeat(50_000)}`, "c.yaml: the file is nested too deep"],
    [`a:\n  ${"- ".repeat(50_000)}x`, "c.yaml: the file is nested too deep"],
    [`${"{a: ".repeat(33)}1${"}".repeat(33)}`, "c.yaml: the file is nested too deep"],
    [
      `a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n`,
      "c.yaml: the file has too many aliases",
    ],
  ])("that cannot be used is refused with its line: %.20j", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it("takes text as it is written, also what YAML takes for a number or a truth", () => {
    const text =
      "client:\n  room: 86\n  name: 007\n  server: true\nlinger: 0\nwebsocket:\n  trusted_proxies: [10.0, 1e3]\n  port: 86\n";
    expect(read(text)).toEqual({
      client: { room: "86", name: "007", server: "true" },
      linger: "0",
      websocket: { trusted_proxies: ["10.0", "1e3"], port: 86 },
    });
    expect(read("client:\n  room: ~\n")).toEqual({ client: {} });
  });

  it("cannot reach into prototypes", () => {
    read("__proto__:\n  polluted: 1\nclient:\n  constructor: 2\n");
    expect({}).not.toHaveProperty("polluted");
  });
});
