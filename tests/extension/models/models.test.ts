/** The panel's models together: timeline, cookies, session, view and preferences in a simulated world. */
import { afterEach, describe, expect, it } from "vitest";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { pass, turns } from "../../panel/memory-ports/turns.ts";
import {
  createMemoryWorld,
  fillCookie,
  fillRequest,
  type MemoryWorld,
} from "../../panel/memory-ports/world.ts";

const open: Models[] = [];
afterEach(() => {
  for (const models of open.splice(0)) models[Symbol.dispose]();
});

async function start(world: MemoryWorld): Promise<Models> {
  const models = createModels(world.ports);
  open.push(models);
  await turns();
  return models;
}

const ids = (models: Models) => models.view.rows.value.map((entry) => entry.id);

describe("the timeline", () => {
  it("starts with what the recorder recorded before the panel was opened", async () => {
    const world = createMemoryWorld();
    world.history.requests.push(fillRequest({ id: "early", at: world.now() - 5000 }));
    expect(ids(await start(world))).toEqual(["early"]);
  });

  it.each([
    ["is from outside this tab", -5000, false],
    ["is from before DevTools opened", -500, true],
    ["counts as earlier if the recorder does not say when it began", null, true],
  ])("knows, without a request of this tab, that a change a second ago %s", async (_, since, early) => {
    const world = createMemoryWorld();
    world.server.put("key", { visits: 1 });
    world.setCookies([fillCookie({ value: "key" })]);
    if (since !== null) world.history.since = world.now() + since;
    const models = await start(world);
    await pass(world, 100);
    world.server.trace({ id: "change", newKey: true, at: world.now() - 1100 });
    await pass(world, 2000);
    expect(models.timeline.find("change")).toMatchObject({ type: "outside", early });
  });

  it("leaves out requests that could not carry a cookie of this tab", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ id: "own" });
    world.request({ id: "font", url: "https://fonts.example/a.woff2" });
    world.request({ id: "third", url: "https://other.example/", setCookies: ["a=1"] });
    world.request({ id: "data", url: "data:text/plain,x" });
    await pass(world, 1000);
    expect(ids(models)).toEqual(["own", "third"]);
  });

  it("keeps the log across a navigation by default, and marks the navigation", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ id: "one" });
    await pass(world, 1000);
    world.navigate("http://localhost:8000/next");
    await pass(world, 1000);
    expect(models.view.rows.value.map((entry) => entry.type)).toEqual(["request", "note"]);
  });

  it("drops the previous page when the log is not preserved", async () => {
    const world = createMemoryWorld();
    world.preferences = { preserveLog: false };
    const models = await start(world);
    world.request({ id: "one" });
    await pass(world, 1000);
    world.request({ id: "two", url: "http://localhost:8000/next" });
    world.navigate("http://localhost:8000/next");
    await pass(world, 1000);
    expect(ids(models)).toEqual(["two", "note-1"]);
  });

  it("clears everything, or with a filter only what is shown", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    for (const path of ["a", "b"]) world.request({ id: path, url: `http://localhost:8000/${path}` });
    await pass(world, 1000);
    models.view.search("/a");
    models.clear();
    models.view.search("");
    await pass(world, 1000);
    expect(ids(models)).toEqual(["b"]);
    models.clear();
    await pass(world, 1000);
    expect(ids(models)).toEqual([]);
    expect(world.did).toContain("clear");
  });

  it("stops following when a row is selected, and counts what comes after", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ id: "one" });
    await pass(world, 1000);
    models.view.select("one");
    world.request({ id: "two" });
    world.request({ id: "three" });
    await pass(world, 1000);
    expect(models.view.unseen.value).toBe(2);
    models.view.follow(true);
    expect(models.view.unseen.value).toBe(0);
  });

  it("continues to count them when another row is selected, or the last one seen is filtered out", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ id: "zero", method: "POST" });
    world.request({ id: "one" });
    await pass(world, 1000);
    models.view.select("one");
    world.request({ id: "two", method: "POST" });
    world.request({ id: "three" });
    await pass(world, 1000);
    models.view.select("zero");
    expect(models.view.unseen.value).toBe(2);
    models.view.search("method:POST");
    expect(models.view.unseen.value).toBe(1);
  });

  it("keeps a trace's row selected when its request arrives late and replaces it", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ value: "key" })]);
    world.server.put("key", { visits: 1 });
    const models = await start(world);
    const { id } = world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    await pass(world, 2000);
    models.view.select(id);
    expect(models.view.selected.value).toMatchObject({ type: "outside", id });
    world.request({ id: "late", traceId: id });
    await pass(world, 1000);
    expect(models.view.selected.value).toMatchObject({ type: "request", id: "late" });
    world.request({ id: "after" });
    await pass(world, 1000);
    expect(models.view.unseen.value).toBe(1);
  });

  it("keeps the row of a cookie that expired while the panel was hidden", async () => {
    const world = createMemoryWorld();
    const [brief, other] = [fillCookie({ expiresAt: world.now() + 60_000 }), fillCookie({ name: "other" })];
    world.setCookies([brief, other]);
    const models = await start(world);
    world.setVisible(false);
    await pass(world, 90_000);
    world.setCookies([{ ...other, value: "new" }]);
    await turns();
    world.setVisible(true);
    await pass(world, 1000);
    expect(models.cookies.rows.value.map((row) => [row.cookie.name, row.expired])).toEqual([
      ["sessionid", true],
      ["other", false],
    ]);
  });

  it("tells the recorder when recording stops", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    models.record(false);
    expect(world.did).toContain("recording off");
    expect(models.timeline.recording.value).toBe(false);
  });

  it("publishes a burst of a thousand requests in few updates", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    let lists = 0;
    const stop = models.timeline.entries.subscribe(() => {
      lists += 1;
    });
    for (let at = 0; at < 1000; at += 1) world.request({ id: `burst-${at}` });
    await pass(world, 1000);
    stop();
    expect(models.view.rows.value).toHaveLength(1000);
    expect(lists).toBeLessThan(5);
  });
});

describe("cookies", () => {
  it("are session cookies only, unless all are watched", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie(), fillCookie({ name: "theme", recognised: null })]);
    const models = await start(world);
    expect(models.cookies.rows.value.map((row) => row.cookie.name)).toEqual(["sessionid"]);
    models.preferences.set({ watch: "all" });
    expect(models.cookies.rows.value.map((row) => row.cookie.name)).toEqual(["sessionid", "theme"]);
  });

  it("count as session cookies when a bridge names them", async () => {
    const world = createMemoryWorld();
    world.server.hello = { ...world.server.hello, cookieNames: ["odd"] };
    world.setCookies([fillCookie({ name: "odd", recognised: null })]);
    const models = await start(world);
    expect(models.cookies.rows.value.map((row) => row.cookie.name)).toEqual(["odd"]);
  });

  it("stay visible as expired when they expire", async () => {
    const world = createMemoryWorld();
    const cookie = fillCookie({ expiresAt: world.now() + 3000 });
    world.setCookies([cookie]);
    const models = await start(world);
    world.cookies = { ...world.cookies, cookies: [] };
    await pass(world, 3100);
    expect(models.cookies.rows.value).toMatchObject([{ expired: true, cookie: { name: "sessionid" } }]);
    world.setCookies([{ ...cookie, expiresAt: world.now() + 60_000 }]);
    await turns();
    expect(models.cookies.rows.value).toMatchObject([{ expired: false }]);
  });

  it("know which request set their expiry", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ expiresAt: world.now() + 3_600_000 })]);
    const models = await start(world);
    world.request({
      method: "POST",
      url: "http://localhost:8000/login",
      setCookies: ["sessionid=x; Max-Age=3600"],
    });
    await pass(world, 1000);
    expect(models.cookies.rows.value[0]?.origin).toMatchObject({
      source: "Max-Age 3600",
      by: "POST /login, 1",
    });
    expect(models.cookies.rows.value[0]?.wholeMs).toBe(3_600_000);
  });
});

describe("the session", () => {
  it("is read when it is there, and again when a trace says that it changed", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ value: "key" })]);
    world.server.put("key", { visits: 1 });
    const models = await start(world);
    expect(models.tree.text.value).toBe('{"visits":1}');
    world.server.put("key", { visits: 2 });
    world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    await turns();
    expect(models.tree.text.value).toBe('{"visits":2}');
  });

  it("does not exist for a forged cookie, an unknown one and none at all", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    expect(models.session.live.value).toEqual({ state: "none", reason: "no-cookie" });
    world.setCookies([fillCookie({ value: "forged" })]);
    await turns();
    expect(models.session.live.value).toEqual({ state: "none", reason: "tampered" });
    world.setCookies([fillCookie({ value: "other" })]);
    await turns();
    expect(models.session.live.value).toEqual({ state: "none", reason: "unknown" });
  });

  it("keeps the last known data while the server is away", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ value: "key" })]);
    world.server.put("key", { visits: 1 });
    const models = await start(world);
    world.server.setMood("down");
    await pass(world, 3000);
    await models.session.read();
    expect(models.tree.text.value).toBe('{"visits":1}');
  });
});

describe("preferences", () => {
  it("are kept, and invalid ones are replaced by the defaults", async () => {
    const world = createMemoryWorld();
    world.preferences = {
      theme: "pink",
      pins: ["cart", 5],
      splits: { cookies: -1, session: 300 },
      changesOnly: true,
    };
    const models = await start(world);
    expect(models.preferences.value.value).toMatchObject({
      theme: "auto",
      pins: ["cart"],
      splits: { session: 300 },
      changesOnly: true,
    });
    models.preferences.set({ theme: "dark" });
    await turns();
    expect(world.preferences).toMatchObject({ theme: "dark", pins: ["cart"] });
  });
});

describe("the clock", () => {
  it("stands still while the panel is hidden", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.setVisible(false);
    const before = models.clock.now.value;
    await pass(world, 5000);
    expect(models.clock.now.value).toBe(before);
    world.setVisible(true);
    expect(models.clock.now.value).toBe(before + 5000);
  });

  it("distinguishes the server's clock from the browser's", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.server.send({ type: "beat", serverTime: world.now() + 5000 });
    await turns();
    expect(models.clock.skewMs.value).toBe(5000);
  });
});
