/** Which servers get a token or a cookie's value, and which claims of a page the panel believes. */
import { describe, expect, it } from "vitest";
import { MEMORY_TOKEN } from "../../../panel/memory-ports/server.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { fillCookie } from "../../../panel/memory-ports/world.ts";
import { A, askedOf, B, createWorld, currentOf, KEY, sentTo, start, TRACE } from "./origins-world.ts";

describe("a token (T28)", () => {
  const EVIL = "http://localhost:9999";

  async function startWithPicture(mood: "absent" | "up") {
    const world = createWorld(`${A}/`, [A, EVIL]);
    world.servers.get(A)?.setMood(mood);
    const evil = world.servers.get(EVIL);
    const models = await start(world);
    world.request({ url: `${EVIL}/picture`, traceId: TRACE, type: "image" });
    await turns();
    evil?.setMood("refused");
    await pass(world, 5000);
    models.connection.tryNow();
    await turns();
    return { world, models };
  }

  it("is requested for the page's own origin", async () => {
    const world = createWorld(`${A}/`);
    world.servers.get(A)?.setMood("refused");
    const models = await start(world);
    expect(currentOf(models)).toBe(A);
    expect(models.connection.mayHaveToken(A)).toBe(true);
    await models.access.useToken(A, MEMORY_TOKEN);
    await turns();
    expect(models.connection.current.value?.state.value.state).toBe("ready");
  });

  it("is not requested for the server of an image on the page while the page has a bridge", async () => {
    const { models } = await startWithPicture("up");
    expect(currentOf(models)).toBe(A);
    expect(models.connection.offered.value).toBeNull();
    expect(models.connection.mayHaveToken(EVIL)).toBe(false);
  });

  it("is not requested for it while the page has no bridge, until the user chose it by its name", async () => {
    const { models, world } = await startWithPicture("absent");
    expect(currentOf(models)).toBe(A);
    expect(models.connection.mayHaveToken(EVIL)).toBe(false);
    expect(models.connection.offered.value).toBe(EVIL);
    models.connection.choose(EVIL);
    expect(currentOf(models)).toBe(EVIL);
    expect(models.connection.mayHaveToken(EVIL)).toBe(true);
    world.navigate(`${B}/`);
    await turns();
    expect(models.connection.mayHaveToken(EVIL)).toBe(false);
  });

  it("is not requested for it because the user chose the cookie that both are sent", async () => {
    const { models } = await startWithPicture("absent");
    models.cookies.select(fillCookie().id);
    await turns();
    expect(currentOf(models)).toBe(A);
    expect(models.connection.mayHaveToken(EVIL)).toBe(false);
  });
});

describe("a page that lies about itself (T36)", () => {
  it("opens no link and shows no session: its claim is used only to request access", async () => {
    const world = createWorld(null);
    world.claim = `${A}/`;
    const models = await start(world);
    await pass(world, 5000);
    expect(models.connection.claimedOrigin.value).toBe(A);
    expect(models.connection.pageOrigin.value).toBeNull();
    expect([...models.connection.links.value]).toEqual([]);
    expect(askedOf(world, A)).toEqual([]);
  });

  it("is known when access is given", async () => {
    const world = createWorld(null);
    world.claim = `${A}/`;
    const models = await start(world);
    world.claim = null;
    world.url = `${B}/`;
    models.connection.tryNow();
    await turns();
    expect(currentOf(models)).toBe(B);
  });

  it("does not replace what the browser reported before", async () => {
    const world = createWorld(`${B}/`);
    const models = await start(world);
    world.claim = `${A}/`;
    models.connection.tryNow();
    await turns();
    expect(models.connection.pageOrigin.value).toBe(B);
    expect(askedOf(world, A)).toEqual([]);
  });

  it("that is left for a browser page is no longer shown with its session", async () => {
    const world = createWorld(`${A}/`);
    const models = await start(world);
    expect(models.session.live.value.state).toBe("present");
    world.navigate("chrome://settings/");
    world.url = null;
    await turns();
    expect(models.session.live.value.state).toBe("unknown");
    expect([...models.connection.links.value]).toEqual([]);
  });
});

describe("a proof (T37)", () => {
  it("of a cookie with a path is sent to an origin only below that path", async () => {
    const world = createWorld(`${A}/admin/users`);
    const admin = fillCookie({ id: "admin", path: "/admin", value: "admin-key" });
    world.setCookies([admin, fillCookie({ value: KEY })]);
    const models = await start(world);
    expect(sentTo(world, A)).toContain("admin-key");
    world.request({ url: `${B}/picture`, traceId: TRACE });
    await pass(world, 3000);
    expect(sentTo(world, B)).toContain(KEY);
    expect(sentTo(world, B)).not.toContain("admin-key");
    models.cookies.select(admin.id);
    await pass(world, 3000);
    expect(sentTo(world, B)).not.toContain("admin-key");
  });

  it("of one site's cookie is not sent to the server of an image on another site", async () => {
    const world = createWorld("http://evil.test/", ["http://evil.test", B]);
    await start(world);
    world.request({ url: `${B}/picture`, traceId: TRACE });
    await pass(world, 3000);
    expect(askedOf(world, B).map(({ name }) => name)).toContain("hello");
    expect(sentTo(world, B)).not.toContain(KEY);
  });

  it("does not replace a chosen cookie that the browser does not send here", async () => {
    const world = createWorld(`${A}/`);
    const admin = fillCookie({ id: "admin", path: "/admin", value: "admin-key" });
    world.setCookies([fillCookie({ value: KEY }), admin]);
    const models = await start(world);
    models.cookies.select(admin.id);
    await turns();
    expect(models.session.withheld.value?.id).toBe("admin");
    expect(models.session.live.value.state).toBe("unknown");
    expect(sentTo(world, A)).not.toContain("admin-key");
  });
});
