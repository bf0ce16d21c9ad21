/** Setting an expiry on a server whose clock is wrong: session and cookie end at the chosen time by the browser's clock. */
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

const HOUR = 3_600_000;

async function startSkewed(aheadMs: number) {
  const world = createMemoryWorld();
  world.server = createMemoryServer(() => world.now() + aheadMs);
  world.setCookies([fillCookie({ value: "key", expiresAt: world.now() + HOUR })]);
  world.server.put("key", '{"a":1}', world.now() + aheadMs + HOUR);
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await turns();
  const live = models.session.live.value;
  if (live.state !== "present") throw new Error("There is a session.");
  return { world, models, live };
}

it.each([
  ["ahead", HOUR],
  ["behind", -HOUR],
])("with a server an hour %s, seconds count from now for the session and its cookie", async (_, aheadMs) => {
  const { world, models, live } = await startSkewed(aheadMs);
  await models.writes.setExpiry(live.subject, live.session, { kind: "seconds", seconds: 600 }, "Set");
  await turns();
  expect(world.server.read("key")?.expiresAt).toBe(world.now() + aheadMs + 600_000);
  expect(world.cookies.cookies[0]?.expiresAt).toBe(world.now() + 600_000);
});

it.each([
  ["ahead", HOUR],
  ["behind", -HOUR],
])(
  "with a server an hour %s, a date is that of the browser's clock, and undo is exact",
  async (_, aheadMs) => {
    const { world, models, live } = await startSkewed(aheadMs);
    const [cookie] = world.cookies.cookies;
    const at = world.now() + 600_000;
    await models.writes.setExpiry(live.subject, live.session, { kind: "at", at }, "Set");
    await turns();
    expect(world.server.read("key")?.expiresAt).toBe(at + aheadMs);
    expect(world.cookies.cookies[0]?.expiresAt).toBe(at);
    await models.undo.undo();
    expect(world.server.read("key")?.expiresAt).toBe(live.session.expiresAt);
    expect(world.cookies.cookies).toEqual([cookie]);
  },
);
