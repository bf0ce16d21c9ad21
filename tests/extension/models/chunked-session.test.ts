/** A session whose cookie is in the browser as chunks: the panel reads, changes and deletes it as one cookie. */
import { describe, expect, it, onTestFinished } from "vitest";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { pass, turns } from "../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../panel/memory-ports/world.ts";
import { edit } from "./session-world.ts";

const chunk = (at: number, value: string, expiresAt: number | null = null) =>
  fillCookie({ id: `id${at}`, name: `sessionid.${at}`, value, expiresAt });

/** @param lines the values of the chunks in the browser */
async function open(values: readonly string[], world = createMemoryWorld()) {
  const hour = world.now() + 3_600_000;
  world.setCookies(values.map((value, at) => chunk(at, value, hour)));
  world.server.put(values.join(""), '{"username":"ada"}', hour);
  world.server.hello = { ...world.server.hello, chunked: "whole" };
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await turns();
  return { world, models, hour };
}

const jarOf = (world: MemoryWorld) =>
  Object.fromEntries(world.cookies.cookies.map(({ name, value }) => [name, value]));
const rowsOf = (models: Models) => models.cookies.rows.value.map(({ cookie }) => [cookie.name, cookie.value]);
const present = (models: Models) => {
  const live = models.session.live.value;
  if (live.state !== "present") throw new Error(`the session is ${live.state}`);
  return live;
};

describe("a session cookie in chunks", () => {
  it("is read with the joined value, and is one row of the list, as long as the chunks last", async () => {
    const { models, hour } = await open(["key-", "of-ada"]);
    expect(present(models).subject.cookie).toMatchObject({ name: "sessionid", value: "key-of-ada" });
    expect(models.tree.text.value).toBe('{"username":"ada"}');
    expect(rowsOf(models)).toEqual([["sessionid", "key-of-ada"]]);
    expect(present(models).subject.cookie.expiresAt).toBe(hour);
    expect(models.cookies.chosen.value).toBeNull();
  });

  it("stays two rows for a bridge that does not split cookies", async () => {
    const world = createMemoryWorld();
    const models = createModels(world.ports);
    onTestFinished(() => models[Symbol.dispose]());
    world.setCookies([chunk(0, "key-"), chunk(1, "of-ada")]);
    models.preferences.set({ watch: "all" });
    await turns();
    expect(models.session.live.value).toMatchObject({ state: "none", reason: "no-cookie" });
    expect(rowsOf(models)).toHaveLength(2);
  });

  it("is proven with each joined value: that in the browser, and those that responses set", async () => {
    const { world, models } = await open(["key-", "of-ada"]);
    world.request({
      url: "http://localhost:8000/login",
      setCookies: ["sessionid.0=next-; Path=/", "sessionid.1=key; Path=/"],
    });
    await turns();
    const [link] = models.connection.links.value.values();
    expect(link?.proofs.value).toEqual(["key-of-ada", "next-key"]);
  });

  it("is written in as many chunks as its new value needs, and undone", async () => {
    const { world, models } = await open(["key-", "of-ada"]);
    const live = present(models);
    await models.writes.cycle(live.subject, live.session);
    await turns();
    const moved = world.cookies.cookies.map(({ value }) => value).join("");
    expect(world.server.read(moved)).toBeDefined();
    expect(moved).not.toBe("key-of-ada");
    expect(Object.keys(jarOf(world)).every((name) => name.startsWith("sessionid."))).toBe(true);
    await models.undo.undo();
    await turns();
    expect(jarOf(world)).toEqual({ "sessionid.0": "key-", "sessionid.1": "of-ada" });
    expect(models.tree.text.value).toBe('{"username":"ada"}');
  });

  it("is deleted with all chunks by a flush, and all of them come back", async () => {
    const { world, models } = await open(["key-", "of-ada"]);
    const before = world.cookies.cookies;
    const live = present(models);
    await models.writes.flush(live.subject, live.session);
    await turns();
    expect(world.cookies.cookies).toEqual([]);
    await models.undo.undo();
    await turns();
    expect(world.cookies.cookies).toEqual(before);
  });

  it("is deleted, made to expire and edited in the list as one cookie", async () => {
    const { world, models } = await open(["key-", "of-ada"]);
    const [row] = models.cookies.rows.value;
    if (row === undefined) throw new Error("there is a row");
    await models.cookieEditor.expireIn(row.cookie, 10);
    await turns();
    expect(world.cookies.cookies.map(({ expiresAt }) => expiresAt)).toEqual([
      world.now() + 10_000,
      world.now() + 10_000,
    ]);
    models.cookieEditor.begin(models.cookies.rows.value[0]?.cookie ?? row.cookie);
    models.cookieEditor.change({ value: "short" });
    await models.cookieEditor.save();
    await turns();
    expect(jarOf(world)).toEqual({ "sessionid.0": "short" });
    await models.undo.undo();
    await turns();
    expect(jarOf(world)).toEqual({ "sessionid.0": "key-", "sessionid.1": "of-ada" });
    await models.cookieEditor.remove(models.cookies.rows.value[0]?.cookie ?? row.cookie);
    await turns();
    expect(world.cookies.cookies).toEqual([]);
    expect([...models.cookieEditor.removed.value.keys()]).toEqual([
      "localhost / sessionid.0",
      "localhost / sessionid.1",
    ]);
    await models.undo.undo();
    expect(jarOf(world)).toEqual({ "sessionid.0": "key-", "sessionid.1": "of-ada" });
  });

  it("keeps its value if the browser refuses a chunk, and puts back those that were written", async () => {
    const { world, models } = await open(["key-", "of-ada"]);
    const { write } = world.ports.cookies;
    world.ports.cookies.write = async (cookie, replaces) =>
      cookie.name === "sessionid.1" && cookie.value !== "of-ada"
        ? { ok: false, reason: "too long", restored: true }
        : write(cookie, replaces);
    const again = createModels(world.ports);
    onTestFinished(() => again[Symbol.dispose]());
    await turns();
    again.cookieEditor.begin(again.cookies.rows.value[0]?.cookie ?? chunk(0, ""));
    again.cookieEditor.change({ value: "something longer" });
    await again.cookieEditor.save();
    expect(again.cookieEditor.refusal.value).toBe("too long The cookie is as it was.");
    expect(jarOf(world)).toEqual({ "sessionid.0": "key-", "sessionid.1": "of-ada" });
    expect(rowsOf(models)).toEqual([["sessionid", "key-of-ada"]]);
  });

  it("keeps all of its chunks if the browser does not delete one of them", async () => {
    const { world } = await open(["key-", "of-ada"]);
    const { remove } = world.ports.cookies;
    world.ports.cookies.remove = async (cookie) => cookie.name !== "sessionid.1" && remove(cookie);
    const models = createModels(world.ports);
    onTestFinished(() => models[Symbol.dispose]());
    await turns();
    await models.cookieEditor.remove(models.cookies.rows.value[0]?.cookie ?? chunk(0, ""));
    expect(jarOf(world)).toEqual({ "sessionid.0": "key-", "sessionid.1": "of-ada" });
    expect(models.cookieEditor.removed.value.size).toBe(0);
  });

  it("is NAME and its chunks if the library joins all: read, edited, deleted and undone as one cookie", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ id: "w", value: "whole-" }), chunk(0, "key-"), chunk(1, "of-ada")]);
    world.server.put("whole-key-of-ada", '{"username":"ada"}', world.now() + 60_000);
    world.server.hello = { ...world.server.hello, chunked: "all" };
    const models = createModels(world.ports);
    onTestFinished(() => models[Symbol.dispose]());
    await turns();
    const held = { sessionid: "whole-", "sessionid.0": "key-", "sessionid.1": "of-ada" };
    const { cookie } = present(models).subject;
    expect(rowsOf(models)).toEqual([["sessionid", "whole-key-of-ada"]]);
    await models.cookieEditor.expireIn(cookie, 10);
    await turns();
    expect(jarOf(world)).toEqual(held);
    models.cookieEditor.begin(models.cookies.rows.value[0]?.cookie ?? cookie);
    models.cookieEditor.change({ value: "another" });
    await models.cookieEditor.save();
    await turns();
    expect(jarOf(world)).toEqual({ sessionid: "anothe", "sessionid.0": "r" });
    await models.undo.undo();
    await turns();
    expect(jarOf(world)).toEqual(held);
    await models.cookieEditor.remove(models.cookies.rows.value[0]?.cookie ?? cookie);
    await turns();
    expect(jarOf(world)).toEqual({});
    await models.undo.undo();
    expect(jarOf(world)).toEqual(held);
  });

  it("is edited on the server without a change to the chunks", async () => {
    const { world, models } = await open(["key-", "of-ada"]);
    const before = world.cookies.cookies;
    await edit(models, "username", "jane");
    expect(world.server.read("key-of-ada")?.dataJson).toBe('{"username":"jane"}');
    expect(world.cookies.cookies).toEqual(before);
  });

  it("is read again where there are no traces when a response sets its chunks", async () => {
    const world = createMemoryWorld();
    const { capabilities } = world.server.hello;
    world.server.hello = {
      ...world.server.hello,
      capabilities: capabilities.filter((each) => each !== "traces"),
    };
    const { models } = await open(["key-", "of-ada"], world);
    await pass(world, 3000);
    world.server.put("next-key", '{"username":"jane"}', world.now() + 60_000);
    world.request({
      method: "POST",
      url: "http://localhost:8000/login",
      status: 302,
      setCookies: ["sessionid.0=next-; Path=/", "sessionid.1=key; Path=/"],
    });
    world.setCookies([chunk(0, "next-"), chunk(1, "key")]);
    await pass(world, 3000);
    const [row] = models.timeline.entries.value;
    expect(row).toMatchObject({ type: "request", reading: { after: '{"username":"jane"}', newKey: true } });
  });
});
