import { defineConfig } from "vitest/config";

// Waits longer than the time-outs that proxies come with, so CI does not run it: npm run check:proxies.
export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      { test: { name: "proxies", include: ["test/proxies/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 30_000 } },
    ],
  },
});
