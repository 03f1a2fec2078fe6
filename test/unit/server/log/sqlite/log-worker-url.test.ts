import { describe, expect, it } from "vitest";
import { logWorkerUrl } from "../../../../../src/server/log/sqlite/log-worker-url.js";

describe("the thread's program", () => {
  it.each([
    [
      "the library",
      "file:///app/dist/server/log/sqlite/log-worker-url.js",
      "file:///app/dist/server/log/sqlite/log-worker.js",
    ],
    ["the command's bundle", "file:///app/dist/bin/chunk-XYZ.js", "file:///app/dist/bin/log-worker.js"],
    [
      "the sources",
      "file:///app/src/server/log/sqlite/log-worker-url.ts",
      "file:///app/dist/server/log/sqlite/log-worker.js",
    ],
  ])("is found from %s", (_, from, expected) => {
    expect(logWorkerUrl(from).href).toBe(expected);
  });
});
