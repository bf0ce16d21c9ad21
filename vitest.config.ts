/** Unit and integration tests: everything that needs no browser. */
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["sessions-source"];

export default defineConfig({
  resolve: { conditions: [...conditions, "module", "browser", "development|production"] },
  ssr: { resolve: { conditions: [...conditions, "module", "node", "development|production"] } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    exclude: ["tests/e2e/**", "tests/bench/**", "**/node_modules/**"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Vitest's default on two cores is one, but many tests wait for a server. What the field measures keeps that default.
    maxWorkers: Math.max(process.env["SESSIONS_FIELD"] === undefined ? 2 : 1, availableParallelism() - 1),
  },
});
