/** Pinned keys: what the panel finds by itself, and what the user does with it. */
import { describe, expect, it, onTestFinished } from "vitest";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import { sideOf } from "../../../panel/memory-ports/calls.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillRequest, type MemoryWorld } from "../../../panel/memory-ports/world.ts";

async function open(world: MemoryWorld = createMemoryWorld()) {
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  return { world, models };
}

/** A request after which the session holds this. */
async function request(world: MemoryWorld, session: unknown): Promise<void> {
  const after = sideOf("k", { dataJson: JSON.stringify(session), version: 1, expiresAt: null });
  world.request(
    fillRequest({ id: `r${world.now()}`, at: world.now(), traceId: world.server.trace({ after }).id }),
  );
  await pass(world, 3000);
}

const shown = ({ view }: Models) => view.pinColumns.value;

describe("pins", () => {
  it("are found in the sessions of the rows, from the login on", async () => {
    const { world, models } = await open();
    await request(world, { cart: {} });
    expect(shown(models)).toEqual([]);
    await request(world, { cart: {}, _auth_user_id: "1" });
    expect(shown(models)).toEqual(["_auth_user_id"]);
    const before = shown(models);
    await request(world, { cart: {}, _auth_user_id: "2" });
    expect(shown(models)).toBe(before);
  });

  it("that were found stay away once they are unpinned, also from other sessions", async () => {
    const { world, models } = await open();
    await request(world, { user_id: 1, username: "ada" });
    models.view.pin("username");
    await request(world, { user_id: 2, username: "bob" });
    expect(shown(models)).toEqual(["user_id"]);
    const later = await open(world);
    await request(world, { user_id: 2, username: "bob" });
    expect(shown(later.models)).toEqual(["user_id"]);
  });

  it("are the user's from the first one that they pin, together with those that were found", async () => {
    const { world, models } = await open();
    await request(world, { user_id: 1, cart: { total: 2 } });
    models.view.pin("cart.total");
    expect(shown(models)).toEqual(["user_id", "cart.total"]);
    models.view.pin("user_id");
    await request(world, { user_id: 1, username: "ada", cart: { total: 2 } });
    expect(shown(models)).toEqual(["cart.total"]);
    models.view.pin("cart.total");
    expect(shown(models)).toEqual([]);
    await turns();
    expect(world.preferences).toMatchObject({ pins: [] });
  });

  it("of the user's have no column while every row is without a value", async () => {
    const world = createMemoryWorld();
    world.preferences = { pins: ["theme", "user_id"] };
    const { models } = await open(world);
    expect(models.view.pins.value).toEqual(["theme", "user_id"]);
    await request(world, { user_id: 1 });
    expect(shown(models)).toEqual(["user_id"]);
    await request(world, { user_id: 1, theme: "dark" });
    expect(shown(models)).toEqual(["theme", "user_id"]);
  });

  it("are announced, and as columns only if they have one", async () => {
    const { world, models } = await open();
    await request(world, { user_id: 1, "\u202ecart": 2 });
    const said = () => models.announcer.message.value;
    models.view.pin("\u202ecart");
    expect(said()).toBe("Pinned \\u{202e}cart as a column");
    models.view.pin("theme");
    expect(said()).toBe("Pinned theme. It becomes a column when a row has a value for it");
    models.view.pin("user_id");
    expect(said()).toBe("Unpinned user_id");
  });

  it("are found again once the user lets the panel choose", async () => {
    const { world, models } = await open();
    models.view.pin("theme");
    await request(world, { user_id: 1, username: "ada" });
    expect(shown(models)).toEqual([]);
    models.view.letPanelChoose();
    expect(shown(models)).toEqual(["user_id", "username"]);
    expect(models.announcer.message.value).toBe("The panel chooses the pinned keys");
    models.view.pin("username");
    models.view.letPanelChoose();
    expect(shown(models)).toEqual(["user_id", "username"]);
    await turns();
    expect(world.preferences).toMatchObject({ pins: null, unpinned: [] });
  });

  it("of an earlier version that no one chose are found again; others are kept", async () => {
    const world = createMemoryWorld();
    world.preferences = { pins: ["user_id", "username"] };
    const former = await open(world);
    await request(world, { userId: 7 });
    expect(shown(former.models)).toEqual(["userId"]);
    world.preferences = { pins: ["user_id", "username"], unpinned: [] };
    expect((await open(world)).models.view.pins.value).toEqual(["user_id", "username"]);
    world.preferences = { pins: [] };
    expect((await open(world)).models.view.pins.value).toEqual([]);
  });
});
