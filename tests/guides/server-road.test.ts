/** The road of one value on the server is the one that docs/develop.md describes. */
import { expect, it } from "vitest";
import { followValue } from "./follow-value.ts";
import { readRoad } from "./roads.ts";

/** The protocol's parsers are run by the panel, which listens in this test. */
const SERVER = /^server-bridge\/src\/(?!protocol\/(parse|fields))/;

it("passes the files that the page lists", async () => {
  const passed = await followValue("tests/guides/server-road.ts", SERVER);
  expect(passed.sort()).toEqual(readRoad("On the server").sort());
});
