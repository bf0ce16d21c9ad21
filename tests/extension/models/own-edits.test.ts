/** Whose edit it is: this panel's if the response to its own call had the trace, otherwise "a panel's". */
import { afterEach, expect, it } from "vitest";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { keepView } from "../../../extension/models/keep-view.ts";
import { pass, turns } from "../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../panel/memory-ports/world.ts";

let close: (() => void) | null = null;
afterEach(() => close?.());

async function open(world: MemoryWorld): Promise<Models> {
  close?.();
  const models = createModels(world.ports);
  const stop = keepView(models, world.ports);
  close = () => {
    stop();
    models[Symbol.dispose]();
    close = null;
  };
  await turns();
  await pass(world, 1000);
  return models;
}

function createWorld(): MemoryWorld {
  const world = createMemoryWorld();
  world.server.put("key", { visits: 1 });
  world.setCookies([fillCookie({ value: "key" })]);
  return world;
}

const edits = (models: Models) =>
  models.timeline.entries.value.flatMap((entry) =>
    entry.type === "edit" ? [entry.own === true ? "this panel" : "a panel"] : [],
  );

async function flush(models: Models, world: MemoryWorld): Promise<void> {
  const live = models.session.live.peek();
  if (live.state !== "present") throw new Error(`The session is ${live.state}.`);
  await models.writes.flush(live.subject, live.session);
  await pass(world, 1000);
}

it("names this panel's own edit so, also after a reload of the panel", async () => {
  const world = createWorld();
  const models = await open(world);
  await flush(models, world);
  expect(edits(models)).toEqual(["this panel"]);
  const again = await open(world);
  await pass(world, 3000);
  expect(edits(again)).toEqual(["this panel"]);
});

it("names another panel's edit as that of a panel", async () => {
  const world = createWorld();
  const models = await open(world);
  world.server.trace({ origin: "panel", flushedKeys: 1 });
  await pass(world, 1000);
  expect(edits(models)).toEqual(["a panel"]);
});
