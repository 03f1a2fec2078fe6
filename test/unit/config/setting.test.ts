import { describe, expect, it } from "vitest";
import { DEFAULTS } from "../../../src/config/defaults.js";
import { partialConfigSchema } from "../../../src/config/schema.js";
import {
  environmentName,
  flatten,
  SETTING_KEYS,
  unflatten,
  valueOfText,
  withoutNulls,
} from "../../../src/config/setting.js";

describe("a setting", () => {
  it("has a variable of its own", () => {
    expect(environmentName("websocket.port")).toBe("MANGAHUB_WEBSOCKET_PORT");
    expect(environmentName("linger")).toBe("MANGAHUB_LINGER");
    expect(new Set(SETTING_KEYS.map(environmentName)).size).toBe(SETTING_KEYS.length);
  });

  it("is read from a text by what it is", () => {
    expect(valueOfText("websocket.port", "80")).toBe(80);
    expect(valueOfText("websocket.port", "eighty")).toBe("eighty");
    expect(valueOfText("client.start_hub", "false")).toBe(false);
    expect(valueOfText("client.name", "42")).toBe("42");
    expect(valueOfText("websocket.allowed_origins", "https://a.example, https://b.example")).toEqual([
      "https://a.example",
      "https://b.example",
    ]);
    expect(valueOfText("websocket.allowed_origins", "")).toEqual([]);
  });

  it("can be given as text, whatever it is", () => {
    for (const [key, value] of Object.entries(flatten(DEFAULTS))) {
      const written = unflatten({ [key]: valueOfText(key, String(value)) });
      expect(partialConfigSchema.safeParse(written).success, key).toBe(true);
    }
  });

  it("keeps its place when flattened and back", () => {
    expect(unflatten(flatten(DEFAULTS))).toEqual(DEFAULTS);
  });

  it("without a value is not set", () => {
    expect(withoutNulls({ websocket: null, client: { name: null, room: "x" } })).toEqual({ client: { room: "x" } });
  });
});
