// @vitest-environment happy-dom
/** The path of one value in the panel is the one that docs/develop.md describes. */
import { expect, it } from "vitest";
import { followValue } from "./follow-value.ts";
import { readRoad } from "./roads.ts";

it("goes through the files that the page lists", async () => {
  const followed = await followValue("tests/guides/panel-road.tsx", /^(extension|components|entrypoints)\//);
  // the world in memory that sends the value is partly the demo's
  const passed = followed.filter((path) => !path.startsWith("extension/demo/"));
  expect(passed.sort()).toEqual(readRoad("In the panel").sort());
});
