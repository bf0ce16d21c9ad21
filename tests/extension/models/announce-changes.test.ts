/** What the panel announces by itself: refused cookies, sentences for screen readers, required tokens. */
import { afterEach, describe, expect, it } from "vitest";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { sideOf } from "../../panel/memory-ports/calls.ts";
import { MEMORY_TOKEN } from "../../panel/memory-ports/server.ts";
import { pass, turns } from "../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../panel/memory-ports/world.ts";

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

describe("a session cookie that the browser refused", () => {
  it("is a row with the reason", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({
      url: "http://localhost:8000/login",
      setCookies: ["sessionid=abc; SameSite=None; Path=/"],
    });
    await pass(world, 1000);
    expect(models.cookies.rows.value).toMatchObject([{ cookie: { name: "sessionid", value: "abc" } }]);
    expect(models.cookies.rows.value[0]?.problem).toContain(
      "SameSite=None is only accepted together with Secure",
    );
  });

  it("has no such row if the server deleted it, or the browser accepted it", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ setCookies: ["sessionid=; Max-Age=0; SameSite=None"] });
    await pass(world, 1000);
    expect(models.cookies.rows.value).toEqual([]);
    world.setCookies([fillCookie({ value: "abc" })]);
    world.request({ setCookies: ["sessionid=abc; SameSite=None"] });
    await pass(world, 1000);
    expect(models.cookies.rows.value).toMatchObject([{ problem: null }]);
  });

  it("is not used to read the session from the server", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ setCookies: ["sessionid=abc; SameSite=None; Path=/"] });
    await pass(world, 1000);
    expect(models.session.live.value).toEqual({ state: "none", reason: "no-cookie" });
  });
});

describe("screen readers are told", () => {
  it("how many requests a filter leaves", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ url: "http://localhost:8000/cart" });
    world.request({});
    await pass(world, 1000);
    models.view.search("cart");
    expect(models.announcer.message.value).toBe("1 request shown");
  });

  it("once that a cookie has a minute left", async () => {
    const world = createMemoryWorld();
    world.setCookies([fillCookie({ expiresAt: world.now() + 62_000 })]);
    const models = await start(world);
    await pass(world, 3000);
    expect(models.announcer.message.value).toBe("sessionid expires in 1 minute");
    models.announcer.say("something else");
    await pass(world, 5000);
    expect(models.announcer.message.value).toBe("something else");
  });

  it("that the server is lost, and that it is back", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.server.setMood("down");
    await turns();
    expect(models.announcer.message.value).toBe("Lost the server");
    world.server.setMood("up");
    await pass(world, 3000);
    expect(models.announcer.message.value).toBe("The server is back");
  });

  it("that the session was flushed, also when the trace comes after the request", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ traceId: "f".repeat(22) });
    await pass(world, 1000);
    world.server.trace({ id: "f".repeat(22), flushedKeys: 3 });
    await pass(world, 1000);
    expect(models.announcer.message.value).toBe("Session flushed");
  });

  it("that a login replaced the session with another", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ traceId: "f".repeat(22) });
    await pass(world, 1000);
    const after = sideOf("key", { dataJson: "{}", version: 1, expiresAt: null });
    world.server.trace({ id: "f".repeat(22), flushedKeys: 3, after });
    await pass(world, 1000);
    expect(models.announcer.message.value).toBe("Session replaced by a new one");
  });
});

describe("a bridge that requires a token", () => {
  it("is called again with the token that was typed", async () => {
    const world = createMemoryWorld();
    world.server.setMood("refused");
    const models = await start(world);
    await models.access.useToken("http://localhost:8000", "wrong");
    await turns();
    expect(models.connection.current.value?.state.value.state).toBe("refused");
    await models.access.useToken("http://localhost:8000", MEMORY_TOKEN);
    await turns();
    expect(models.connection.current.value?.state.value.state).toBe("ready");
  });
});
