/** How the panel finds its bridge, keeps the stream, and reconnects after the server was gone. */
import { afterEach, describe, expect, it } from "vitest";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../../panel/memory-ports/world.ts";

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

const stateOf = (models: Models) => models.connection.current.value?.state.value;
const streamsAsked = (world: MemoryWorld) =>
  world.server.asked.filter((each) => each.name === "traces").map((each) => each.request);
const notes = (models: Models) =>
  models.timeline.entries.value.flatMap((entry) => (entry.type === "note" ? [entry.note] : []));

describe("the connection", () => {
  it("calls the page's own origin, and opens the stream with the session cookie", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ value: "key-one" })]);
    const models = await start(world);
    expect(stateOf(models)).toMatchObject({ state: "ready", hello: { engine: "cached_db" } });
    expect(streamsAsked(world)).toMatchObject([{ cookies: ["key-one"], since: null }]);
  });

  it("ends when the panel closes: no stream stays open", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ value: "key-one" })]);
    const models = await start(world);
    expect(world.server.streams).toBe(1);
    models[Symbol.dispose]();
    await turns();
    expect(world.server.streams).toBe(0);
  });

  it("asks again for an address that the browser did not report, without waiting for a navigation", async () => {
    const world = createMemoryWorld({ url: null });
    const models = await start(world);
    expect(models.connection.pageUrl.value).toBeNull();
    world.url = "http://localhost:8000/";
    await pass(world, 2000);
    expect(models.connection.pageUrl.value).toBe("http://localhost:8000/");
    expect(stateOf(models)).toMatchObject({ state: "ready" });
  });

  it("finds a bridge at another origin by the trace that a response names", async () => {
    const world = createMemoryWorld({ url: "http://localhost:5173/" });
    world.server.setMood("absent");
    const models = await start(world);
    expect(stateOf(models)).toEqual({ state: "absent", at: null });
    world.server.setMood("up");
    world.request({ url: "http://localhost:3000/api", traceId: "a".repeat(22) });
    await turns();
    expect(models.connection.links.value.get("http://localhost:3000")?.state.value.state).toBe("ready");
  });

  it("finds a page's bridge even after many sites without one", async () => {
    const world = createMemoryWorld({ url: "http://site0.test/" });
    world.server.setMood("absent");
    const models = await start(world);
    for (let site = 1; site < 30; site += 1) {
      world.navigate(`http://site${site}.test/`);
      await turns();
    }
    world.server.setMood("up");
    world.navigate("http://localhost:8000/");
    await turns();
    expect(models.connection.links.value.get("http://localhost:8000")?.state.value.state).toBe("ready");
    expect(models.connection.links.value.size).toBeLessThan(20);
  });

  it("is about the open page, not an earlier one", async () => {
    const world = createMemoryWorld({ url: "https://left.test/" });
    world.server.setMood("no-access");
    const models = await start(world);
    expect(stateOf(models)).toEqual({ state: "no-access" });
    world.server.setMood("absent");
    world.navigate("http://localhost:8000/");
    await turns();
    expect(models.connection.current.value?.origin.value).toBe("http://localhost:8000");
    expect(stateOf(models)).toEqual({ state: "absent", at: null });
  });

  it("opens the stream again when the cookie changes, and keeps the old key as proof", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ value: "key-one" })]);
    await start(world);
    world.setCookies([fillCookie({ value: "key-two" })]);
    await turns();
    expect(streamsAsked(world).at(-1)).toMatchObject({ cookies: ["key-one", "key-two"], since: null });
    expect(world.server.streams).toBe(1);
  });

  it("proves a key that existed for one response only", async () => {
    const world = createMemoryWorld();
    await start(world);
    world.request({ setCookies: ["sessionid=short-lived; Path=/"] });
    await turns();
    expect(streamsAsked(world).at(-1)).toMatchObject({ cookies: ["short-lived"] });
  });

  it.each([
    ["absent", { state: "absent" }],
    ["no-access", { state: "no-access" }],
    ["refused", { state: "refused", refusal: { code: "token-missing" } }],
    ["version", { state: "version", theirs: 2 }],
  ] as const)("says that the bridge is %s, and does not retry by itself", async (mood, state) => {
    const world = createMemoryWorld();
    world.server.setMood(mood);
    const models = await start(world);
    expect(stateOf(models)).toMatchObject(state);
    const before = world.server.asked.length;
    await pass(world, 30_000);
    expect(world.server.asked.length).toBe(before);
  });

  it("retries on request", async () => {
    const world = createMemoryWorld();
    world.server.setMood("absent");
    const models = await start(world);
    world.server.setMood("up");
    models.connection.tryNow();
    await turns();
    expect(stateOf(models)?.state).toBe("ready");
  });
});

describe("a server that goes away", () => {
  it("is said to be lost, with the time of the next try", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    const at = world.now();
    world.server.setMood("down");
    await turns();
    expect(stateOf(models)).toMatchObject({ state: "lost", since: at, retryAt: at + 1000 });
  });

  it("is retried less often the longer it is gone", async () => {
    const world = createMemoryWorld();
    await start(world);
    world.server.setMood("down");
    await turns();
    const before = world.server.asked.length;
    await pass(world, 60_000);
    const tries = world.server.asked.length - before;
    expect(tries).toBeGreaterThanOrEqual(6);
    expect(tries).toBeLessThanOrEqual(8);
  });

  it('is retried immediately by "Try now"', async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.server.setMood("down");
    await pass(world, 10_000);
    world.server.setMood("up");
    models.connection.tryNow();
    await turns();
    expect(stateOf(models)?.state).toBe("ready");
  });

  it("loses no row, and leaves a note that its log is the same if it is", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie()]);
    const models = await start(world);
    world.server.trace({ changes: [{ key: "a", kind: "added" }] });
    await pass(world, 2000);
    world.server.setMood("down");
    await turns();
    world.server.trace({ changes: [{ key: "b", kind: "added" }] });
    world.server.setMood("up");
    await pass(world, 4000);
    expect(models.timeline.entries.value.map((entry) => entry.type)).toEqual(["outside", "outside", "note"]);
    expect(notes(models)).toMatchObject([{ kind: "lost", whole: true }]);
    expect(streamsAsked(world).at(-1)).toMatchObject({ since: 1, process: "p1" });
  });

  it("leaves one note when its log is new", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.server.restart();
    await pass(world, 3000);
    expect(notes(models)).toMatchObject([{ kind: "lost", whole: false }]);
    expect(notes(models)).toHaveLength(1);
  });

  it("counts as last heard from when it last sent something, not when the loss was noticed", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    await pass(world, 20_000);
    world.server.send({ type: "beat", serverTime: world.now() });
    await turns();
    const heard = world.now();
    await pass(world, 5000);
    world.server.setMood("down");
    await pass(world, 41_000);
    expect(stateOf(models)).toMatchObject({ state: "lost", since: heard });
  });

  it("that says goodbye is not called unreachable", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.server.send({ type: "bye", reason: "too many streams" });
    await turns();
    expect(stateOf(models)).toMatchObject({ state: "lost", cause: "ended" });
  });

  it("is noticed as lost when the stream goes silent without an error", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    await pass(world, 41_000);
    expect(streamsAsked(world).length).toBeGreaterThan(1);
    world.server.send({ type: "beat", serverTime: world.now() });
    await turns();
    expect(stateOf(models)?.state).toBe("ready");
  });
});

describe("a trace that does not come", () => {
  it("is requested by its id, then given up", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ id: "lonely", traceId: "b".repeat(22) });
    await pass(world, 2000);
    expect(streamsAsked(world).at(-1)).toMatchObject({ ids: ["b".repeat(22)] });
    await pass(world, 2000);
    expect(models.timeline.find("lonely")).toMatchObject({ traceGone: true });
    const asked = streamsAsked(world).length;
    await pass(world, 5000);
    expect(streamsAsked(world).length).toBe(asked);
  });
});
