/** Servers without traces: the panel reads the session after requests, and finds a bridge on this machine. */
import { describe, expect, it } from "vitest";
import { chipsOf } from "../../../../extension/logic/timeline/chips.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { createModels } from "../../../../extension/models/index.ts";
import { withFoundBridge } from "../../../../extension/ports/find-bridge.ts";
import type { BridgePort } from "../../../../extension/ports/ports.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld } from "../../../panel/memory-ports/world.ts";

const cookie = (value: string): TabCookie => ({
  id: "c",
  name: "sessionid",
  value,
  domain: "localhost",
  hostOnly: true,
  path: "/",
  secure: false,
  httpOnly: true,
  sameSite: "lax",
  expiresAt: null,
  storeId: "0",
  partitionKey: null,
  recognised: null,
});

/** Waits until the reading is settled and shown. */
const SETTLED_MS = 3000;

/** A world whose server has no traces, with the panel on it. */
async function start(through: (bridge: BridgePort) => BridgePort = (bridge) => bridge) {
  const world = createMemoryWorld();
  world.server.hello = {
    ...world.server.hello,
    library: { name: "Django", version: "5.2" },
    capabilities: ["read", "edit"],
  };
  const models = createModels({ ...world.ports, bridge: through(world.ports.bridge) });
  await pass(world, SETTLED_MS);
  expect(models.connection.current.value?.state.value.state).toBe("ready");
  const chips = (id: string) => {
    const entry = models.timeline.entries.value.find((each) => each.id === id);
    return entry ? chipsOf(entry).map(({ text }) => text) : [];
  };
  /** The changes that belong to no request. */
  const spans = () =>
    models.timeline.entries.value.flatMap((entry) =>
      entry.type === "span" ? [chipsOf(entry).map(({ text }) => text)] : [],
    );
  return { world, models, chips, spans };
}

describe("a server without traces", () => {
  it("has its session read after a request, and the difference shown in the row of the response that set the cookie", async () => {
    const { world, chips, spans } = await start();
    world.server.put("new-key", { user_id: 123, username: "john_doe" });
    const login = world.request({
      method: "POST",
      url: "http://localhost:8000/login",
      status: 302,
      setCookies: ["sessionid=new-key; Path=/"],
    });
    world.setCookies([cookie("new-key")]);
    await pass(world, SETTLED_MS);
    expect(chips(login.id)).toEqual(["+user_id", "+username", "reading"]);
    world.server.put("new-key", { user_id: 123, username: "ada" });
    const rename = world.request({
      url: "http://localhost:8000/name",
      status: 200,
      setCookies: ["sessionid=new-key; Path=/"],
    });
    await pass(world, SETTLED_MS);
    expect(chips(rename.id)).toEqual(["~username", "reading"]); // no login: someone was there before
    const look = world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    expect(chips(look.id)).toEqual(["reading"]);
    const logout = world.request({
      method: "POST",
      url: "http://localhost:8000/logout",
      status: 302,
      setCookies: ['sessionid=""; Max-Age=0; Path=/'],
    });
    world.setCookies([]);
    await pass(world, SETTLED_MS);
    expect(chips(logout.id)).toEqual(["session gone", "reading"]);
    expect(spans()).toEqual([]);
  });

  it("has a login in its redirect's row, whose cookies Chrome reports after the page that it leads to", async () => {
    const { world, chips, spans } = await start();
    world.server.put("old-key", { seen: 1 });
    world.setCookies([cookie("old-key")]);
    await pass(world, SETTLED_MS);
    const before = spans().length;
    world.server.drop("old-key");
    world.server.put("new-key", { seen: 1, user_id: 123 });
    const bare = { method: "POST", url: "http://localhost:8000/login", status: 302 };
    const login = world.request(bare);
    world.advance(60);
    await turns();
    world.setCookies([cookie("new-key")]);
    world.advance(60);
    await turns();
    const home = world.request({ url: "http://localhost:8000/", status: 200 });
    world.advance(100);
    await turns();
    world.request({ ...login, setCookies: ["sessionid=new-key; Path=/"] });
    await pass(world, SETTLED_MS);
    expect(chips(login.id)).toEqual(["+user_id", "new key", "reading"]);
    expect(chips(home.id)).toEqual([]);
    expect(spans()).toHaveLength(before);
  });

  it("has a change that no response explains shown between the two readings", async () => {
    const { world, models, chips, spans } = await start();
    world.server.put("a-key", { n: 1 });
    world.setCookies([cookie("a-key")]);
    await pass(world, SETTLED_MS);
    world.server.put("a-key", { n: 2 });
    const look = world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    expect(chips(look.id)).toEqual([]);
    expect(spans()).toEqual([
      ["+n", "reading"],
      ["~n", "reading"],
    ]);
    const span = models.timeline.entries.value.findLast((entry) => entry.type === "span");
    expect(span).toMatchObject({ origin: "http://localhost:8000", candidates: [] });
    expect(span?.at).toBeGreaterThan(look.at);
    expect(span?.from).toBeLessThan(look.at);
  });

  it("is not said to have lost its session while the reading was made with an old cookie", async () => {
    const { world, models, chips, spans } = await start();
    world.server.put("old-key", { seen: 1 });
    world.setCookies([cookie("old-key")]);
    await pass(world, SETTLED_MS);
    const before = spans().length;
    world.server.drop("old-key");
    world.server.put("new-key", { seen: 1 });
    // The response came, was reported without its cookies, and the list of cookies is still old.
    const login = world.request({ method: "POST", url: "http://localhost:8000/login", status: 302 });
    const said: string[] = [];
    for (let moment = 0; moment < 30; moment += 1) {
      world.advance(50);
      await turns();
      if (moment === 4) world.setCookies([cookie("new-key")]);
      if (moment === 6) world.request({ ...login, setCookies: ["sessionid=new-key; Path=/"] });
      said.push(...chips(login.id), ...spans().slice(before).flat());
    }
    expect(new Set(said)).toEqual(new Set(["set sessionid", "new key", "reading"]));
    expect(models.timeline.entries.value.filter(({ type }) => type === "span")).toHaveLength(before);
  });

  it("finds a login that kept its key", async () => {
    const { world, chips } = await start();
    world.server.put("a-key", { cart: [] });
    world.setCookies([cookie("a-key")]);
    await pass(world, SETTLED_MS);
    world.server.put("a-key", { cart: [], user_id: 123 });
    const setCookies = ["sessionid=a-key; Path=/"];
    const login = world.request({ method: "POST", url: "http://localhost:8000/login", setCookies });
    await pass(world, SETTLED_MS);
    expect(chips(login.id)).toEqual(["+user_id", "login kept its key", "reading"]);
  });

  it("is read once for a burst of requests", async () => {
    const { world } = await start();
    world.server.put("a-key", { n: 1 });
    world.setCookies([cookie("a-key")]);
    await pass(world, SETTLED_MS);
    const asked = () => world.server.asked.filter(({ name }) => name === "session").length;
    const before = asked();
    for (let count = 0; count < 20; count += 1) world.request({ url: `http://localhost:8000/${count}` });
    await pass(world, SETTLED_MS);
    expect(asked() - before).toBe(1);
  });

  it("has its session shown as it is after the request", async () => {
    const { world, models } = await start();
    world.setCookies([cookie("key")]);
    world.server.put("key", { n: 1 });
    await pass(world, 1000);
    world.server.put("key", { n: 2 });
    world.request({ url: "http://localhost:8000/count", status: 200 });
    await pass(world, 1000);
    expect(models.session.live.value).toMatchObject({ session: { dataJson: '{"n":2}' } });
  });

  it("does not count what was there before as a change", async () => {
    const world = createMemoryWorld();
    world.server.hello = { ...world.server.hello, capabilities: ["read"] };
    world.server.put("old-key", { user_id: 123 });
    world.setCookies([cookie("old-key")]);
    const models = createModels(world.ports);
    await pass(world, SETTLED_MS);
    expect(models.session.live.value.state).toBe("present");
    world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    const chips = models.timeline.entries.value.map((entry) => chipsOf(entry).map(({ text }) => text));
    expect(chips).toEqual([["reading"]]);
  });

  it("says nothing about a request before the first reading, rather than that it changed nothing", async () => {
    const world = createMemoryWorld();
    const at = world.now();
    world.advance(1000);
    world.server.hello = { ...world.server.hello, capabilities: ["read"] };
    world.server.put("new-key", { user_id: 123 });
    const models = createModels(world.ports);
    await pass(world, 1000);
    const setCookies = ["sessionid=new-key; Path=/"];
    world.request({ at, method: "POST", url: "http://localhost:8000/login", status: 302, setCookies });
    await pass(world, 1000);
    const [login] = models.timeline.entries.value.filter((entry) => entry.type === "request");
    if (!login) throw new Error("there is no row");
    expect(chipsOf(login).map(({ text }) => text)).not.toContain("reading");
    const look = world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    const later = models.timeline.entries.value.find((each) => each.id === look.id);
    expect(later && chipsOf(later).map(({ text }) => text)).toEqual(["reading"]);
  });

  it("does not attribute the panel's earlier edit to a request", async () => {
    const { world, models, chips, spans } = await start();
    world.server.put("a-key", { username: "john_doe" });
    world.setCookies([cookie("a-key")]);
    await pass(world, 1000);
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("there is no session");
    const operations = [{ op: "set" as const, path: ["username"], valueJson: '"ada"' }];
    const before = spans();
    await models.writes.edit(live.subject, live.session, operations, "Changed username");
    await pass(world, 1000);
    const look = world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    expect(chips(look.id)).toEqual(["reading"]);
    expect(models.timeline.entries.value.map(({ type }) => type)).toContain("edit");
    expect(spans()).toEqual(before); // and attributes the change to no one else
  });

  it("does not attribute the panel's edit to a request that comes before the edit's response arrives", async () => {
    const arrived = Promise.withResolvers<void>();
    const { world, models, chips } = await start((bridge) => ({
      ...bridge,
      async call(origin, name, request) {
        const result = await bridge.call(origin, name, request);
        if (name === "edit") await arrived.promise;
        return result;
      },
    }));
    world.server.put("a-key", { username: "john_doe" });
    world.setCookies([cookie("a-key")]);
    await pass(world, 1000);
    world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, 1000);
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("there is no session");
    const operations = [{ op: "set" as const, path: ["username"], valueJson: '"ada"' }];
    const editing = models.writes.edit(live.subject, live.session, operations, "Changed username");
    await turns(); // it has begun
    world.advance(10);
    const icon = world.request({ url: "http://localhost:8000/favicon.ico", status: 404 });
    await pass(world, 1000);
    arrived.resolve();
    await editing;
    await pass(world, SETTLED_MS);
    expect(chips(icon.id)).toEqual(["reading"]);
  });

  it("reads for the cookie that the browser has, once it differs from the one that the server set", async () => {
    const { world, chips, spans } = await start();
    world.server.put("a-key", { user_id: 123 });
    world.request({ url: "http://localhost:8000/login", setCookies: ["sessionid=a-key; Path=/"] });
    world.setCookies([cookie("a-key")]);
    await pass(world, SETTLED_MS);
    world.setCookies([]);
    await pass(world, SETTLED_MS);
    const look = world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    expect(chips(look.id)).toEqual(["reading"]);
    expect(spans()).toEqual([["cookie gone", "reading"]]);
  });

  it("is not read again when the recorder reports more about a request", async () => {
    const { world, chips } = await start();
    const request = world.request({ url: "http://localhost:8000/", status: 200 });
    await pass(world, SETTLED_MS);
    expect(chips(request.id)).toEqual(["reading"]);
    const count = world.server.asked.filter(({ name }) => name === "session").length;
    world.request({ ...request, durationMs: 12 });
    await pass(world, SETTLED_MS);
    expect(chips(request.id)).toEqual(["reading"]);
    expect(world.server.asked.filter(({ name }) => name === "session")).toHaveLength(count);
  });
});

describe("a bridge on this machine", () => {
  const site = "http://localhost:8000";

  function places(serving: string): { port: BridgePort; asked: string[] } {
    const { server } = createMemoryWorld();
    const asked: string[] = [];
    const port: BridgePort = {
      traces: server.traces,
      call: async (origin, name, request) => {
        asked.push(origin);
        if (origin === site) return { ok: false, problem: { kind: "absent", status: 404 } };
        if (origin !== "http://127.0.0.1:47802")
          return { ok: false, problem: { kind: "unreachable", detail: "refused" } };
        server.hello = { ...server.hello, serves: [serving] };
        return server.call(origin, name, request);
      },
    };
    const found = withFoundBridge({ ...port, useToken: async () => {} });
    found.pageIs?.(site);
    return { port: found, asked };
  }

  it("answers for the site that it names", async () => {
    const { port, asked } = places(site);
    expect(await port.call(site, "hello", { protocol: 1 })).toMatchObject({
      ok: true,
      answer: { serves: [site] },
    });
    await port.call(site, "session", { protocol: 1, cookie: "" });
    expect(asked.at(-1)).toBe("http://127.0.0.1:47802");
  });

  it("is never sent a token, which belongs to the origin that was named", async () => {
    const given: string[] = [];
    const { port: found } = places(site);
    const port = withFoundBridge({
      ...found,
      useToken: async (origin, token) => void given.push(`${origin} ${token}`),
    });
    port.pageIs?.(site);
    await port.call(site, "hello", { protocol: 1 });
    await port.useToken?.(site, "a token");
    expect(given).toEqual([`${site} a token`]);
  });

  it("does not answer for another site", async () => {
    const { port } = places("http://localhost:9000");
    expect(await port.call(site, "hello", { protocol: 1 })).toMatchObject({
      ok: false,
      problem: { kind: "absent" },
    });
  });
});
