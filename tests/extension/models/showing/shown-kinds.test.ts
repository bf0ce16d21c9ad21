/** Which kinds of requests are shown is the user's choice; it is kept, and what it hides is counted. */
import { expect, it, onTestFinished } from "vitest";
import { createModels } from "../../../../extension/models/index.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld } from "../../../panel/memory-ports/world.ts";

/** @param preferences as an earlier panel stored them */
async function open(preferences?: unknown) {
  const world = createMemoryWorld();
  world.preferences = preferences;
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  for (const type of ["document", "fetch", "image", "script", "font"])
    world.request({ id: type, url: `http://localhost:8000/${type}`, type, sentCookies: ["sessionid"] });
  await pass(world, 1000);
  const rows = () => models.view.rows.value.map(({ id }) => id);
  return { world, models, rows };
}

it("scripts, images and fonts are hidden at first, and counted", async () => {
  const { models, rows } = await open();
  expect(rows()).toEqual(["document", "fetch"]);
  expect(models.view.counts.value).toMatchObject({
    total: 5,
    shown: 2,
    hidden: { kind: 3, filter: 0, both: 0 },
  });
});

it("the kinds that the user chose are shown, also when the panel is opened again", async () => {
  const { world, models, rows } = await open();
  models.preferences.set({ kinds: ["image"] });
  expect(rows()).toEqual(["image"]);
  await turns();
  const again = await open(world.preferences);
  expect(again.rows()).toEqual(["image"]);
  models.preferences.set({ kinds: [] });
  await turns();
  expect((await open(world.preferences)).rows()).toEqual([]);
});

it("a choice that was stored badly is the default", async () => {
  const { rows } = await open({ kinds: "all" });
  expect(rows()).toEqual(["document", "fetch"]);
  const some = await open({ kinds: ["image", "spell", 7] });
  expect(some.rows()).toEqual(["image"]);
});

it("a request that both the filter and its kind hide is counted apart from those that one of them hides", async () => {
  const { models } = await open();
  models.view.search("document");
  expect(models.view.counts.value.hidden).toEqual({ kind: 0, filter: 1, both: 3 });
  models.view.search("image");
  expect(models.view.counts.value.hidden).toEqual({ kind: 1, filter: 2, both: 2 });
});

it("clearing removes what the kinds hide, and a filter by words keeps what it hides", async () => {
  const { world, models } = await open();
  models.view.search("document");
  models.clear();
  await pass(world, 1000);
  expect(models.timeline.entries.value.map(({ id }) => id)).toEqual(["fetch", "image", "script", "font"]);
  models.view.search("");
  models.clear();
  await pass(world, 1000);
  expect(models.timeline.entries.value).toEqual([]);
});
