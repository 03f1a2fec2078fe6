import { build } from "esbuild";
import { expect, it } from "vitest";

it("the client bundles for a browser, without Node and without ws", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ["src/client/websocket-client.ts"],
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
