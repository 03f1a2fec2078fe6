import { defineConfig } from "vitest/config";

// Packs and installs the whole package, which takes minutes where the native addon is compiled: only .ci/run does it.
export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      {
        test: { name: "package", include: ["test/e2e/package.test.ts"], testTimeout: 900_000, hookTimeout: 900_000 },
      },
    ],
  },
});
