/** Each server has its own clock: one server's clock says nothing about another's. */
import { expect, it } from "vitest";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { A, B, createWorld, KEY, start, TRACE } from "./origins-world.ts";

const AHEAD_MS = 300_000;

/** The page at A, which also has the bridge of B. B's clock is five minutes ahead. */
async function startWithBoth() {
  const world = createWorld(`${A}/`);
  const ahead = createMemoryServer(() => world.now() + AHEAD_MS);
  ahead.put(KEY, { of: B });
  world.servers.set(B, ahead);
  const models = await start(world);
  world.request({ id: "b", url: `${B}/api`, traceId: TRACE });
  await pass(world, 1000);
  world.servers.get(A)?.send({ type: "beat", serverTime: world.now() });
  world.servers.get(B)?.send({ type: "beat", serverTime: world.now() + AHEAD_MS });
  await turns();
  return { world, models };
}

it("another server's clock difference is not reported for the page's server", async () => {
  const { models } = await startWithBoth();
  expect(models.clock.aheadMs.value).toBe(0);
  expect([models.clock.skewOf(A), models.clock.skewOf(B)]).toEqual([0, AHEAD_MS]);
  expect(models.clock.skewOf("http://localhost:4003")).toBeNull();
});

it("the countdown uses the clock of the server whose session is shown", async () => {
  const { models } = await startWithBoth();
  models.connection.choose(B);
  await turns();
  expect(models.clock.aheadMs.value).toBe(AHEAD_MS);
});

it("puts each server's traces in the order of the panel's own clock", async () => {
  const { world, models } = await startWithBoth();
  const at = world.now();
  world.servers.get(A)?.trace({ id: "of-a", newKey: true, at });
  world.servers.get(B)?.trace({ id: "of-b", newKey: true, at: at + AHEAD_MS });
  await pass(world, 2000);
  expect([models.timeline.find("of-a")?.at, models.timeline.find("of-b")?.at]).toEqual([at, at]);
});
