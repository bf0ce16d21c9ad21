/** The Playwright tests that the README shows are those that run. */
import { describe, expect, it } from "vitest";
import { readText } from "./files.ts";

const TEST = /^test\("([^"]+)"[\s\S]*?^}\);$/gm;

describe("the README's tests with the fixture", () => {
  const shown = [...readText("README.md").matchAll(TEST)];
  const run = readText("tests/e2e/testing.spec.ts");

  it("exist", () => {
    expect(shown.length).toBeGreaterThanOrEqual(2);
  });

  it.each(shown.map(([text, name]) => [name ?? "", text]))("runs as it stands: %s", (_, text) => {
    expect(run).toContain(text);
  });
});
