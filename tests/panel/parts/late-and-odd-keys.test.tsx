// @vitest-environment happy-dom
/** Late events and unusual keys: what is shown is true, and never from another session. */
import { screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

async function start(world: MemoryWorld) {
  const models = openPanel(world);
  await pass(world, 1000);
  return models;
}

function worldWith(data: string): MemoryWorld {
  const world = createMemoryWorld();
  world.server.put("key", data);
  world.setCookies([fillCookie({ value: "key" })]);
  return world;
}

it("drops an edit with its session, and does not show it in the next one", async () => {
  const world = worldWith('{"visits":1}');
  const models = await start(world);
  const [row] = models.tree.rows.value;
  if (row === undefined) throw new Error("there is no row");
  models.editor.edit(row);
  models.editor.type("5");
  world.server.drop("key");
  world.setCookies([]);
  await pass(world, 1000);
  expect(models.undo.offered.value?.text).toContain("Not saved");
  world.server.put("next", '{"visits":1}');
  world.setCookies([fillCookie({ value: "next" })]);
  await pass(world, 1000);
  expect(screen.queryByRole("textbox", { name: "Value of visits" })).toBeNull();
});

it("says that cookies could not be read, not that there are none", async () => {
  const world = createMemoryWorld();
  world.ports.cookies.list = async () => Promise.reject(new Error("The background gave no answer."));
  await start(world);
  const cookies = within(screen.getByRole("region", { name: "Cookies" }));
  expect(cookies.getByRole("group", { name: "Cookies could not be read" })).toBeDefined();
  const session = within(screen.getByRole("region", { name: "Session" }));
  expect(session.queryByRole("group", { name: "No session yet" })).toBeNull();
  expect(cookies.queryByText("No session yet")).toBeNull();
});

it("shows an empty key, and keys that are names of every object", async () => {
  const models = await start(worldWith('{"":1,"__proto__":{"x":12345678901234567890},"constructor":2}'));
  models.tree.toggle('["__proto__"]', true);
  await turns();
  const rows = within(screen.getByRole("treegrid")).getAllByRole("row");
  expect(rows.map((row) => row.textContent)).toEqual([
    '"":1',
    "__proto__:{1}",
    "x:12345678901234567890",
    "constructor:2",
  ]);
});

it("announces a flush as it happens, and not one from before the panel opened", async () => {
  const world = worldWith('{"visits":1}');
  world.server.trace({ flushedKeys: 3 });
  world.advance(60_000);
  const models = await start(world);
  await pass(world, 3000);
  expect(models.announcer.message.value).toBe("");
  world.server.trace({ flushedKeys: 3 });
  await pass(world, 3000);
  expect(models.announcer.message.value).toBe("Session flushed");
});
