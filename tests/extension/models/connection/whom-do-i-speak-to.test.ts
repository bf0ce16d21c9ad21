/** The panel always calls the page's own server first. Any other server is named, and is dropped with the page that reached it. */
import { describe, expect, it } from "vitest";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";
import { A, B, createWorld, currentOf, KEY, sentTo, start, TRACE } from "./origins-world.ts";

describe("two apps on two ports with one cookie name (T29)", () => {
  it("are each shown on their own page, back and forth ten times, and never the other", async () => {
    const world = createWorld(`${A}/`);
    const models = await start(world);
    const wrong: string[] = [];
    let page = A;
    const check = (): void => {
      const text = models.tree.text.value;
      if (text !== undefined && text !== null && !text.includes(page)) wrong.push(`${page} shows ${text}`);
      const live = models.session.live.value;
      if (live.state === "present" && live.subject.origin !== page) wrong.push(`${page} would edit another`);
    };
    for (let visit = 0; visit < 10; visit += 1) {
      page = visit % 2 === 0 ? B : A;
      world.request({ url: `${page}/`, traceId: `${visit}`.padStart(22, "0") });
      world.navigate(`${page}/`);
      check();
      for (let turn = 0; turn < 30; turn += 1) {
        await Promise.resolve();
        check();
      }
      await pass(world, 1000);
      check();
      expect(models.tree.text.value).toBe(JSON.stringify({ of: page }));
      expect([...models.connection.links.value.keys()]).toEqual([page]);
    }
    expect(wrong).toEqual([]);
  });

  it("are reported as sharing the cookie, both named, with a remedy, until the notice is dismissed", async () => {
    const world = createWorld(`${A}/`);
    const models = await start(world);
    expect(models.connection.shared.value).toBeNull();
    world.navigate(`${B}/`);
    await turns();
    expect(models.connection.shared.value).toEqual({ name: "sessionid", page: B, other: A });
    models.connection.dismissShared();
    world.navigate(`${A}/`);
    await turns();
    expect(models.connection.shared.value).toBeNull();
  });

  it("count as one app if one server answers on both, and nothing is reported", async () => {
    const world = createWorld(`${A}/`);
    for (const server of world.servers.values()) server.hello.process = "one log";
    const models = await start(world);
    world.navigate(`${B}/`);
    await turns();
    expect(models.connection.current.value?.origin.value).toBe(B);
    expect(models.connection.shared.value).toBeNull();
  });

  it("are not reported if their cookie names or hosts differ", async () => {
    const world = createWorld(`${A}/`, [A, B, "http://app.localhost:4003"]);
    const other = world.servers.get(B);
    if (other) other.hello = { ...other.hello, cookieNames: ["sid"] };
    const models = await start(world);
    for (const origin of [B, "http://app.localhost:4003"]) {
      world.navigate(`${origin}/`);
      await turns();
      expect(models.connection.shared.value).toBeNull();
    }
  });

  it("keep their rows when their links close", async () => {
    const world = createWorld(`${A}/`);
    const models = await start(world);
    world.request({ id: "of-a", url: `${A}/set`, traceId: TRACE });
    world.servers.get(A)?.trace({ id: TRACE, changes: [{ key: "x", kind: "added" }] });
    await pass(world, 1000);
    world.navigate(`${B}/`);
    await pass(world, 1000);
    expect(models.timeline.find("of-a")).toMatchObject({ trace: { id: TRACE } });
    expect(world.servers.get(A)?.streams).toBe(0);
  });

  it("are distinguished even if the browser reports the navigation late", async () => {
    const world = createWorld(`${A}/`);
    const models = await start(world);
    world.url = `${B}/`; // no event yet, as in Firefox while the page is loading
    world.request({ url: `${B}/`, traceId: TRACE });
    await turns();
    expect(models.tree.text.value).toBe(JSON.stringify({ of: B }));
  });

  it("are each undone on their own server, by its name", async () => {
    const world = createWorld(`${A}/`);
    const models = await start(world);
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("there is no session");
    await models.writes.edit(
      live.subject,
      live.session,
      [{ op: "set", path: ["of"], valueJson: '"changed"' }],
      "Changed of",
    );
    world.navigate(`${B}/`);
    await turns();
    await models.undo.undo();
    expect(world.servers.get(A)?.read(KEY)?.dataJson).toBe(JSON.stringify({ of: A }));
    expect(world.servers.get(B)?.asked.map(({ name }) => name)).not.toContain("restore");
  });
});

describe("another origin that the page reached", () => {
  const API = "http://localhost:3000";

  it("is the current one only while the page's own has no bridge", async () => {
    const world = createWorld(`${A}/`, [A, API]);
    const models = await start(world);
    world.request({ url: `${API}/api`, traceId: TRACE });
    await turns();
    expect([...models.connection.links.value.keys()]).toEqual([A, API]);
    expect(currentOf(models)).toBe(A);
    world.servers.get(A)?.setMood("absent");
    models.connection.tryNow();
    await pass(world, 60_000);
    expect(currentOf(models)).toBe(API);
    expect(models.connection.whereText(API)).toBe(` at ${API}`);
    expect(models.connection.whereText(A)).toBe("");
  });

  it("is the current one if the user chose its cookie", async () => {
    const world = createWorld(`${A}/`, [A, API]);
    const api = world.servers.get(API);
    if (api) api.hello = { ...api.hello, cookieNames: ["api"] };
    const cookie = fillCookie({ name: "api", value: KEY });
    world.setCookies([cookie, fillCookie({ value: KEY })]);
    const models = await start(world);
    world.request({ url: `${API}/api`, traceId: TRACE });
    await turns();
    expect(currentOf(models)).toBe(A);
    models.cookies.select(cookie.id);
    await turns();
    expect(currentOf(models)).toBe(API);
  });

  it("is named in what an edit says", async () => {
    const world = createWorld(`${A}/`, [API]);
    const models = await start(world);
    world.request({ url: `${API}/api`, traceId: TRACE });
    await turns();
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("there is no session");
    await models.writes.flush(live.subject, live.session);
    expect(models.undo.offered.value?.text).toBe(`Flushed the session at ${API}`);
  });

  it("is dropped with the page, unless the next page reaches it, too", async () => {
    const world = createWorld(`${A}/`, [A, B, API]);
    const models = await start(world);
    world.request({ url: `${API}/api`, traceId: TRACE });
    await turns();
    world.advance(1000);
    world.request({ url: `${B}/`, traceId: "b".repeat(22) });
    world.request({ url: `${API}/other`, traceId: "c".repeat(22) });
    world.navigate(`${B}/`);
    await turns();
    expect([...models.connection.links.value.keys()].sort()).toEqual([API, B]);
    world.advance(1000);
    world.navigate(`${A}/`);
    await turns();
    expect([...models.connection.links.value.keys()]).toEqual([A]);
    expect(world.servers.get(API)?.streams).toBe(0);
  });

  it("of a page that was left before the panel was opened is not called", async () => {
    const world = createWorld(`${B}/`, [A, B, API]);
    const at = world.now();
    world.advance(10_000);
    world.history.requests.push(
      fillRequest({ id: "1", at, url: `${A}/`, traceId: "a".repeat(22) }),
      fillRequest({ id: "2", at: at + 1000, url: `${API}/api`, traceId: TRACE, type: "fetch" }),
      fillRequest({ id: "3", at: at + 2000, url: `${B}/`, traceId: "b".repeat(22) }),
    );
    const models = await start(world);
    expect([...models.connection.links.value.keys()]).toEqual([B]);
    expect([sentTo(world, A), sentTo(world, API)].join()).not.toContain(KEY);
  });

  it("cannot report a trace for the page's own request, nor replace it", async () => {
    const world = createWorld(`${A}/`, [A, API]);
    const models = await start(world);
    world.request({ url: `${API}/picture`, traceId: TRACE });
    await turns();
    const id = "a".repeat(22);
    world.servers.get(API)?.trace({ id, changes: [{ key: "forged", kind: "added" }] });
    await turns();
    world.request({ id: "own", url: `${A}/`, traceId: id });
    world.servers.get(API)?.trace({ id, changes: [{ key: "forged again", kind: "added" }], sequence: 99 });
    world.servers.get(A)?.trace({ id, changes: [{ key: "true", kind: "added" }] });
    await pass(world, 3000);
    expect(models.timeline.find("own")).toMatchObject({ trace: { changes: [{ key: "true" }] } });
  });
});
