import { build } from "esbuild";
import { expect, it } from "vitest";
import * as browser from "../../../src/client/browser.js";
import * as node from "../../../src/client/node.js";

it("the client bundles for a browser, without Node and without ws", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ["src/client/browser.ts"],
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: "browser",
    format: "esm",
    logLevel: "silent",
  });
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("node_modules/ws/"))).toEqual([]);
  expect(outputFiles[0]?.contents.length ?? 0).toBeLessThan(300_000);
});

it("the client has the same names in a browser as on Node", () => {
  expect(Object.keys(browser)).toEqual(["ClientError", "UpgradeRefused", "WebSocketClient"]);
  expect(Object.keys(node).sort()).toEqual(Object.keys(browser));
});
