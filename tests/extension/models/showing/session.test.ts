/** The shown session is that of the selected cookie, with its current value. */
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

const HOUR = 3_600_000;

async function start() {
  const world = createMemoryWorld();
  world.server.put("one", { of: "one" }, world.now() + HOUR);
  world.server.put("two", { of: "two" }, world.now() + 30_500);
  const one = fillCookie({ value: "one", expiresAt: world.now() + HOUR });
  const two = fillCookie({ id: "admin", path: "/admin", value: "two" });
  world.setCookies([one, two]);
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  world.request({ url: "http://localhost:8000/admin", traceId: "a".repeat(22) });
  await pass(world, 1000);
  return { world, models, one, two };
}

it("is moved forward from the cookie's renewed expiry, and back to it", async () => {
  const { world, models, one, two } = await start();
  const later = (one.expiresAt ?? 0) + HOUR;
  world.setCookies([{ ...one, expiresAt: later }, two]);
  await turns();
  await models.fastForward.forward(60);
  const end = () => world.cookies.cookies.find(({ id }) => id === one.id)?.expiresAt;
  expect(end()).toBe(later - 60_000);
  await models.undo.undo();
  expect(end()).toBe(later);
});

it("is not another cookie's when it cannot be read", async () => {
  const { world, models, two } = await start();
  expect(models.tree.text.value).toBe('{"of":"one"}');
  const { call } = world.server;
  world.server.call = async (origin, name, request) =>
    "cookie" in request && request.cookie === "two"
      ? { ok: false, problem: { kind: "unreachable", detail: "" } }
      : call(origin, name, request);
  models.cookies.select(two.id);
  await turns();
  expect(models.session.live.value.state).toBe("failed");
});

it("is not another cookie's while the server is away", async () => {
  const { world, models, one, two } = await start();
  world.server.setMood("down");
  await pass(world, 1000);
  models.cookies.select(two.id);
  await turns();
  expect(models.tree.text.value).toBeUndefined();
  models.cookies.select(one.id);
  world.server.setMood("up");
  await pass(world, 20_000);
  expect(models.tree.text.value).toBe('{"of":"one"}');
});

it("expires by the server's clock, if that differs", async () => {
  const { world, models } = await start();
  models.clock.heard("http://localhost:8000", world.now() + 600_000);
  const end = (world.server.read("one")?.expiresAt ?? 0) - 600_000;
  expect(models.fastForward.end.value).toBe(end);
  await models.fastForward.toEnd();
  const left = (world.server.read("one")?.expiresAt ?? 0) - (world.now() + 600_000);
  expect(left).toBeGreaterThanOrEqual(5000);
  expect(left).toBeLessThan(7000);
});

it("turns to expired on the second, even if its cookie ends when the browser closes", async () => {
  const { world, models, two } = await start();
  models.cookies.select(two.id);
  await turns();
  const end = world.server.read("two")?.expiresAt ?? 0;
  await pass(world, end - world.now() - 3000);
  world.advance(3000 - 150);
  expect(models.clock.now.value).toBeGreaterThan(end - 300);
});

it("is read again after a request that a copy in a cookie has answered, because the row may be gone", async () => {
  const { world, models } = await start();
  const load = { name: "load", durationMs: 0 } as const;
  world.server.drop("one");
  world.server.trace({ operations: [load] });
  await turns();
  expect(models.session.live.value.state).toBe("present");
  world.server.trace({ operations: [{ ...load, reason: "from the copy in a cookie" }] });
  await turns();
  expect(models.session.live.value.state).toBe("none");
});
