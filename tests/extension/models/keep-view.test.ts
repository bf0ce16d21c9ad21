/** The panel reloaded while DevTools stays open, as Firefox does whenever its Toolbox is docked elsewhere. */
import { afterEach, describe, expect, it } from "vitest";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { keepView } from "../../../extension/models/keep-view.ts";
import { pass, turns } from "../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../panel/memory-ports/world.ts";

let close: (() => void) | null = null;
afterEach(() => close?.());

/** Opens the panel, or opens it again in place of the previous one. */
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
  return models;
}

const lines = (models: Models) =>
  models.timeline.entries.value.map((entry) => {
    const trace = entry.type === "note" ? null : entry.trace;
    return `${entry.type} ${entry.id}${trace === null ? "" : ` with ${trace.id}`}`;
  });

/** A world with a login that was traced, a change from elsewhere, and a navigation. */
async function openWithStory() {
  const world = createMemoryWorld();
  world.server.put("k1", { user_id: 123, cart: { tea: 2 } });
  world.setCookies([fillCookie({ value: "k1" })]);
  const models = await open(world);
  await pass(world, 1000);
  world.history.requests.push(world.request({ id: "login", method: "POST", traceId: "t-login" }));
  world.server.trace({ id: "t-login", newKey: true });
  world.server.trace({ id: "t-elsewhere", newKey: true });
  world.navigate("http://localhost:8000/next");
  await pass(world, 3000);
  return { world, models };
}

describe("a panel that is reloaded", () => {
  it("shows the earlier rows, even if the server has restarted and its log is gone", async () => {
    const { world, models } = await openWithStory();
    const before = lines(models);
    expect(before).toContain("request login with t-login");
    expect(before).toContain("outside t-elsewhere with t-elsewhere");
    world.server.restart();
    await pass(world, 1000);
    const later = lines(models);
    const again = await open(world);
    await pass(world, 3000);
    expect(lines(again)).toEqual(expect.arrayContaining(before));
    expect(lines(again).length).toBeGreaterThanOrEqual(later.length);
  });

  it("shows each row once, even if the server sends its traces again", async () => {
    const { world, models } = await openWithStory();
    const before = lines(models);
    const again = await open(world);
    await pass(world, 3000);
    expect(lines(again)).toEqual(before);
  });

  it("keeps every row's number, even of one reported late, and continues after the highest", async () => {
    const { world, models } = await openWithStory();
    const tell = (id: string, at: number) => world.history.requests.push(world.request({ id, at }));
    tell("next", world.now());
    await pass(world, 1000);
    tell("late", world.now() - 2500);
    await pass(world, 1000);
    const numbers = (from: typeof models) =>
      from.timeline.entries.value.flatMap((entry) =>
        entry.type === "request" ? `${entry.id} ${entry.number}` : [],
      );
    const before = numbers(models);
    expect(before).toEqual(["login 1", "late 3", "next 2"]);
    const again = await open(world);
    await pass(world, 1000);
    expect(numbers(again)).toEqual(before);
    tell("new", world.now());
    await pass(world, 1000);
    expect(numbers(again)).toEqual([...before, "new 4"]);
  });

  it("keeps the view: filter, selection, comparison, tab, expanded branches", async () => {
    const { world, models } = await openWithStory();
    models.view.search("method:POST");
    models.view.select("login");
    models.view.extend("t-elsewhere");
    models.tree.show("changes");
    models.tree.toggle('["list"]', true);
    models.tree.toggle('["cart"]', false);
    await pass(world, 1000);
    const again = await open(world);
    await pass(world, 1000);
    expect(again.view.filterText.value).toBe("method:POST");
    expect(again.view.selected.value?.id).toBe("t-elsewhere");
    expect(again.view.anchor.value?.id).toBe("login");
    expect(again.tree.tab.value).toBe("changes");
    expect([...again.tree.toggled.value]).toEqual([
      ['["list"]', true],
      ['["cart"]', false],
    ]);
  });

  it("also knows what happened just before it was reloaded", async () => {
    const { world, models } = await openWithStory();
    models.view.search("cart");
    world.navigate("http://localhost:8000/last");
    world.advance(20);
    const again = await open(world);
    await pass(world, 1000);
    expect(again.view.filterText.value).toBe("cart");
    expect(lines(again).filter((line) => line.startsWith("note")).length).toBe(2);
  });

  it("can still undo a simulated close", async () => {
    const { world, models } = await openWithStory();
    world.storage = [{ origin: "http://localhost:8000", items: [["draft", "x"]] }];
    const before = structuredClone({ cookies: world.cookies.cookies, storage: world.storage });
    const done = models.rehearsal.close();
    await pass(world, 3000);
    await done;
    expect(world.cookies.cookies).toEqual([]);
    const again = await open(world);
    await again.rehearsal.restore();
    expect({ cookies: world.cookies.cookies, storage: world.storage }).toEqual(before);
  });

  it("does not bring back what was cleared", async () => {
    const { world, models } = await openWithStory();
    models.view.search("method:POST");
    models.clear();
    models.view.search("");
    await pass(world, 1000);
    const left = lines(models);
    expect(left).not.toContain("request login with t-login");
    const again = await open(world);
    await pass(world, 3000);
    expect(lines(again)).toEqual(left);
  });

  it("continues to keep its state after the reload", async () => {
    const { world } = await openWithStory();
    await open(world);
    await pass(world, 1000);
    world.server.trace({ id: "t-more", newKey: true });
    await pass(world, 3000);
    world.server.restart();
    const third = await open(world);
    await pass(world, 1000);
    expect(lines(third)).toContain("outside t-more with t-more");
    expect(lines(third)).toContain("outside t-elsewhere with t-elsewhere");
  });
});
