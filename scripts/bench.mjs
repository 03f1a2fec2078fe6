// Bundles bench/main.ts and runs it with the arguments given: `npm run bench -- start`.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
// Inside the project, so that the packages left out of the bundle are found.
const outDir = join(root, "node_modules/.cache/mangahub", `bench-${process.pid}`);

mkdirSync(outDir, { recursive: true });
try {
  await build({
    absWorkingDir: root,
    entryPoints: ["bench/main.ts"],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outdir: outDir,
    packages: "external",
    logLevel: "warning",
  });
  const args = ["--expose-gc", join(outDir, "main.js"), ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(outDir, { recursive: true, force: true });
}
