// Builds the hub, bundles test/delivery and runs it: `npm run check:delivery -- --seed 7`, `-- --short`.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
// Inside the project, so that the packages left out of the bundle are found.
const outDir = join(root, "node_modules/.cache/mangahub", `delivery-${process.pid}`);

function run(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1;
}

mkdirSync(outDir, { recursive: true });
try {
  process.exitCode = run([join(root, "scripts/build.mjs"), "--if-stale", "--despite-type-errors"]);
  if (process.exitCode === 0) {
    await build({
      absWorkingDir: root,
      entryPoints: { main: "test/delivery/main.ts", worker: "test/delivery/worker.ts" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      outdir: outDir,
      packages: "external",
      logLevel: "warning",
    });
    process.exitCode = run([join(outDir, "main.js"), ...process.argv.slice(2)]);
  }
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
