/** Which branches of the session are open. */
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

async function show(data: unknown) {
  const world = createMemoryWorld();
  world.server.put("key", JSON.stringify(data));
  world.setCookies([fillCookie({ value: "key" })]);
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  return { world, models, names: () => models.tree.rows.value.map(({ name }) => name) };
}

it("small ones are open at first, and stay closed once the user closes them, also when the session changes", async () => {
  const { world, models, names } = await show({ user: { id: 7 }, list: [1, 2, 3, 4, 5, 6] });
  expect(names()).toEqual(["user", "id", "list"]);
  models.tree.toggle('["user"]');
  expect(names()).toEqual(["user", "list"]);
  world.server.put("key", JSON.stringify({ user: { id: 8 }, list: [1] }));
  await pass(world, 3000);
  await models.session.read();
  expect(names()).toEqual(["user", "list", "0"]);
  models.tree.toggle('["user"]');
  expect(names()).toEqual(["user", "id", "list", "0"]);
});

it("one that the user opened opens, however large it is", async () => {
  const { models, names } = await show({ list: [1, 2, 3, 4, 5, 6] });
  expect(names()).toEqual(["list"]);
  models.tree.toggle('["list"]');
  expect(names()).toHaveLength(7);
});
