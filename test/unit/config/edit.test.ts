import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfigText } from "../../../src/config/config-text.js";
import { setInText, unsetInText } from "../../../src/config/edit.js";

describe("setting one setting in a file", () => {
  it("keeps comments, order and everything else", () => {
    const before = "# my settings\nclient:\n  name: nami # me\n  room: wano\n\n# the hub\nwebsocket:\n  port: 1\n";
    expect(setInText(before, "client.name", "zoro")).toBe(before.replace("nami", "zoro"));
    expect(setInText(before, "websocket.port", "8080")).toBe(before.replace("port: 1", "port: 8080"));
  });

  it("adds a group that is not there", () => {
    expect(setInText("", "client.name", "nami")).toBe("client:\n  name: nami\n");
    expect(setInText("# mine\n", "linger", "30s")).toContain("linger: 30s\n");
    expect(setInText("client:\n", "client.name", "nami")).toContain("name: nami");
  });

  it("keeps the comments of a file that sets nothing yet", () => {
    expect(setInText("# mine\n", "linger", "30s")).toContain("# mine");
  });

  it("writes lists as lists and text that looks like a number as text", () => {
    expect(setInText("", "websocket.allowed_origins", "https://a.example")).toContain("[ https://a.example ]");
    expect(setInText("", "client.name", "42")).toBe('client:\n  name: "42"\n');
  });

  it("changes the one line alone, whatever ends lines and begins the file", () => {
    const before = "\ufeff# mine\r\nclient:\r\n  name:   nami   # me\r\n  room: 'wano'\r\nlog: {level: info}\r\n";
    expect(setInText(before, "client.name", "zoro")).toBe(before.replace("nami", "zoro"));
    expect(setInText(before, "client.room", "86")).toBe(before.replace("'wano'", '"86"'));
    expect(setInText(before, "client.server", "ws://a")).toBe(
      before.replace("  name:   nami", "  server: ws://a\r\n  name:   nami"),
    );
    expect(setInText(before, "linger", "5s")).toBe(`${before}linger: 5s\r\n`);
    expect(setInText(before, "websocket.port", "1")).toBe(`${before}websocket:\r\n  port: 1\r\n`);
    expect(setInText("client:\r\nlinger: 1s", "client.name", "nami")).toBe("client:\r\n  name: nami\r\nlinger: 1s\r\n");
  });

  it("writes the text anew, with its line ends, where a setting has no line of its own", () => {
    expect(setInText("client: {name: nami}\r\nlinger: 1s\r\n", "client.room", "wano")).toMatch(
      /^client: \{ ?name: nami, room: wano ?\}\r\nlinger: 1s\r\n$/,
    );
  });

  it("takes a setting out, with the lines of its value", () => {
    const before =
      "client:\r\n  name: nami # me\r\n  room: wano\r\nwebsocket:\r\n  allowed_origins:\r\n    - https://a\r\n    - https://b\r\n  port: 1\r\n";
    expect(unsetInText(before, "client.name")).toBe(before.replace("  name: nami # me\r\n", ""));
    expect(unsetInText(before, "websocket.allowed_origins")).toBe(
      before.replace("  allowed_origins:\r\n    - https://a\r\n    - https://b\r\n", ""),
    );
    expect(unsetInText(before, "linger")).toBe(before);
    expect(unsetInText("linger: 1s", "linger")).toBe("");
    expect(() => unsetInText("", "client.nmae")).toThrow("there is no such setting");
  });

  it("says what was set, and nothing else changes, whatever the file's layout", () => {
    const files = fc.constantFrom(
      "client:\n  name: a\n  room: b\n",
      "client: {name: a, room: b}\n",
      "# c\nclient:\n    room: b # d\n    name: a\n\n\nlinger: 3s",
      "websocket:\n  allowed_origins: [https://x]\nclient:\n\n  # e\n  name: >-\n    a\n  room: b\n",
    );
    const texts = fc.constantFrom("86", "no", "true", "1e3", "wano", "x-y");
    fc.assert(
      fc.property(files, texts, fc.boolean(), (file, text, isCrlf) => {
        const before = isCrlf ? file.replaceAll("\n", "\r\n") : file;
        const { written } = parseConfigText("f", setInText(before, "client.room", text));
        expect(written).toEqual({ ...parseConfigText("f", before).written, client: { name: "a", room: text } });
      }),
    );
  });

  it("refuses what is not allowed", () => {
    expect(() => setInText("", "websocket.port", "x")).toThrow("a whole number from 0 to 65535");
    expect(() => setInText("", "client.nmae", "x")).toThrow("there is no such setting");
    expect(() => setInText("", "client", "x")).toThrow("there is no such setting");
    expect(() => setInText("", "__proto__.x", "x")).toThrow("there is no such setting");
  });
});
