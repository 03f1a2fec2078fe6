import { describe, expect, it } from "vitest";
import { setInText } from "../../../src/config/edit.js";

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
    expect(setInText("", "websocket.allowed_origins", "https://a.example")).toContain("- https://a.example");
    expect(setInText("", "client.name", "42")).toBe('client:\n  name: "42"\n');
  });

  it("refuses what is not allowed", () => {
    expect(() => setInText("", "websocket.port", "x")).toThrow("a whole number from 0 to 65535");
    expect(() => setInText("", "client.nmae", "x")).toThrow("there is no such setting");
    expect(() => setInText("", "client", "x")).toThrow("there is no such setting");
    expect(() => setInText("", "__proto__.x", "x")).toThrow("there is no such setting");
  });
});
