import { describe, expect, it } from "vitest";
import { setInText } from "../../../src/config/edit.js";

describe("setting one setting in a file", () => {
  it("keeps comments, order and everything else", async () => {
    const before = "# my settings\nclient:\n  name: nami # me\n  room: wano\n\n# the hub\nwebsocket:\n  port: 1\n";
    expect(await setInText(before, "client.name", "zoro")).toBe(before.replace("nami", "zoro"));
    expect(await setInText(before, "websocket.port", "8080")).toBe(before.replace("port: 1", "port: 8080"));
  });

  it("adds a group that is not there", async () => {
    expect(await setInText("", "client.name", "nami")).toBe("client:\n  name: nami\n");
    expect(await setInText("# mine\n", "linger", "30s")).toContain("linger: 30s\n");
    expect(await setInText("client:\n", "client.name", "nami")).toContain("name: nami");
  });

  it("keeps the comments of a file that sets nothing yet", async () => {
    expect(await setInText("# mine\n", "linger", "30s")).toContain("# mine");
  });

  it("writes lists as lists and text that looks like a number as text", async () => {
    expect(await setInText("", "websocket.allowed_origins", "https://a.example")).toContain("- https://a.example");
    expect(await setInText("", "client.name", "42")).toBe('client:\n  name: "42"\n');
  });

  it("refuses what is not allowed", async () => {
    await expect(setInText("", "websocket.port", "x")).rejects.toThrow("a whole number from 0 to 65535");
    await expect(setInText("", "client.nmae", "x")).rejects.toThrow("there is no such setting");
    await expect(setInText("", "client", "x")).rejects.toThrow("there is no such setting");
    await expect(setInText("", "__proto__.x", "x")).rejects.toThrow("there is no such setting");
  });
});
