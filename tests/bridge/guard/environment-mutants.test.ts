/**
 * What each value of NODE_ENV counts as. Found by the mutation run: the tests near it started the bridge in development
 * only through other settings.
 */
import { expect, it } from "vitest";
import { toEnvironment } from "../../../server-bridge/src/bridge/guard/environment.ts";

it.each([
  [undefined, "unset"],
  ["development", "development"],
  ["test", "test"],
  ["production", "production"],
  ["", "production"],
  ["Development", "production"],
  ["staging", "production"],
  [null, "production"],
  [true, "production"],
])("%j is %s", (nodeEnv, environment) => {
  expect(toEnvironment(nodeEnv)).toBe(environment);
});
