import { expect, it } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { VERSION } from "../../../src/protocol/version.js";

it("the version both halves tell is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});
