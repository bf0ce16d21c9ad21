/** A panel with one session to edit: the start of the tests of changing and undoing. */
import { onTestFinished } from "vitest";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { turns } from "../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../panel/memory-ports/world.ts";

/** The panel's models, and the world in which the session `key` holds `data` for an hour. Ends with the test. */
export async function start(
  data: string,
  more: Partial<Parameters<typeof fillCookie>[0]> = {},
  library = "session-bridge",
) {
  const world = createMemoryWorld();
  const hour = world.now() + 3_600_000;
  world.setCookies([fillCookie({ value: "key", expiresAt: hour, ...more })]);
  world.server.put("key", data, hour);
  world.server.hello.library.name = library;
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await turns();
  return { world, models };
}

/** The tree's row of a key. */
export const rowOf = (models: Models, name: string) => {
  const row = models.tree.rows.value.find((each) => each.name === name);
  if (row === undefined) throw new Error(`There is no row ${name}.`);
  return row;
};
/** What the server stores. */
export const dataOf = (world: MemoryWorld, key = "key") => world.server.read(key)?.dataJson;

/** Types a value into its row, and saves. */
export async function edit(models: Models, name: string, text: string): Promise<void> {
  models.editor.edit(rowOf(models, name));
  models.editor.type(text);
  await models.editor.commit();
  await turns();
}
