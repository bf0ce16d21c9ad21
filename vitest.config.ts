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
    // on two cores the default is one: many tests wait for servers of their own meanwhile
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
