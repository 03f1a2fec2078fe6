import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseConfigText } from "../../../src/config/config-text.js";
import { DEFAULTS } from "../../../src/config/defaults.js";
import { flatten } from "../../../src/config/setting.js";

const text = await readFile(new URL("../../../mangahub.config.yaml", import.meta.url), "utf8");

describe("mangahub.config.yaml", () => {
  it("has every setting with its default, those of clients commented out", () => {
    const uncommented = text.replace(/^# (client:$| {2}[a-z_]+: )/gm, "$1");
    expect(parseConfigText("mangahub.config.yaml", uncommented).written).toEqual(DEFAULTS);
    expect(parseConfigText("mangahub.config.yaml", text).written).not.toHaveProperty("client");
  });

  it("explains settings beside them", () => {
    for (const key of Object.keys(flatten(DEFAULTS))) {
      const line = text.split("\n").find((each) => each.includes(`${key.split(".").at(-1)}: `)) ?? "";
      // The bursts stand below the rate they belong to.
      if (!/burst/.test(key)) expect(line, key).toMatch(/ # ./);
    }
  });
});
