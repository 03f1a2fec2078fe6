import { defineConfig } from "vitest/config";

const SLOW = { globalSetup: ["test/support/build-once.ts"], testTimeout: 30_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}", "test/spec/**/*.test.ts", "test/architecture.test.ts"],
          pool: "threads",
          // A password takes seconds where others use the cores.
          testTimeout: 20_000,
          isolate: false,
        },
      },
      { test: { name: "server", include: ["test/server/**/*.test.ts"], ...SLOW } },
      { test: { name: "tui", include: ["test/tui/**/*.test.{ts,tsx}"], ...SLOW } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: ["test/e2e/package.test.ts"],
          ...SLOW,
        },
      },
    ],
  },
});
