import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { INVARIANTS } from "../../delivery/verdict.js";

const SCRIPT = fileURLToPath(new URL("../../../scripts/check-delivery.mjs", import.meta.url));

/** The whole is `npm run check:delivery`; a failure prints the seed that repeats its schedule. */
it("delivers everything once and in order while hub, clients and lines are killed, paused and cut", async () => {
  const { failed, output } = await new Promise<{ failed: boolean; output: string }>((resolve) => {
    execFile(process.execPath, [SCRIPT, "--short"], (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
  expect(failed, output).toBe(false);
  for (const invariant of INVARIANTS) expect(output).toContain(`ok       ${invariant}`);
}, 60_000);
