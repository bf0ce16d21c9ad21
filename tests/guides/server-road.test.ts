/** The path of one value on the server is the one that docs/develop.md describes. */
import { expect, it } from "vitest";
import { followValue } from "./follow-value.ts";
import { readRoad } from "./roads.ts";

/** The panel runs the protocol's parsers; in this test, the panel is only a listener. */
const SERVER = /^server-bridge\/src\/(?!protocol\/(parse|fields))/;

it("goes through the files that the page lists", async () => {
  const passed = await followValue("tests/guides/server-road.ts", SERVER);
  expect(passed.sort()).toEqual(readRoad("On the server").sort());
});
