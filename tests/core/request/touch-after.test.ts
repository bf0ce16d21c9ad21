/**
 * `touchAfter` on every engine, with its real store, over real HTTP and with a real cookie jar. Time is that of the
 * library's clock, of the jar, and of the entries in Redis.
 */
import { cache, memory, openSession } from "session-bridge";
import { describe, expect, it, vi } from "vitest";
import { elsewhere } from "../engines/again.ts";
import type { Handler } from "../engines/app.ts";
import { library } from "../library.ts";
import { startSite, stores } from "./timed-site.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

const handler: Handler = async (request, response) => {
  const { session } = request;
  if (request.url === "/login") session.set("user", "ada");
  if (request.url === "/add") session.set("visits", Number(session.get("visits") ?? 0) + 1);
  if (request.url === "/expiry") session.setExpiry(300);
  if (request.url === "/longer") session.setExpiry(3 * HOUR);
  response.end(request.url === "/idle" ? "" : String(session.get("user")));
};

describe.each(Object.entries(stores))("touchAfter on %s", (name, open) => {
  const perRenewal = { cookies: 1, writes: name === "signed cookies" ? 0 : 1 };

  it("renews row and cookie once in each window, whether the session is used or not", async () => {
    const site = await startSite(await open(), handler, { saveEveryRequest: true, touchAfter: HOUR });
    await site.visit("/login");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (const path of ["/", "/idle", "/", "/idle", "/"]) {
      await site.pass(600);
      await site.visit(path);
    }
    expect(site.renewed).toEqual({ cookies: 0, writes: 0 });
    await site.pass(602);
    for (const path of ["/idle", "/", "/idle"]) await site.visit(path);
    expect(site.renewed).toEqual(perRenewal);
  });

  it("saves a change at once", async () => {
    const site = await startSite(await open(), handler, { saveEveryRequest: true, touchAfter: HOUR });
    await site.visit("/login");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    await site.visit("/add");
    expect(site.renewed).toEqual(perRenewal);
  });

  it("keeps a session for cookieAge − touchAfter after its last request at least", async () => {
    const site = await startSite(await open(), handler, { saveEveryRequest: true, touchAfter: HOUR });
    await site.visit("/login");
    for (let day = 0; day < 3; day++) {
      await site.pass(HOUR - 60); // too early to be renewed; Redis counts what a slow test takes, less than a minute
      expect(await site.visit("/")).toBe("ada");
      await site.pass(DAY - HOUR);
      expect(await site.visit("/"), `day ${day}`).toBe("ada");
    }
    await site.pass(DAY + 1);
    expect(await site.visit("/")).toBe("undefined");
  });

  it("prolongs a session whose own age is not longer with each request", async () => {
    const site = await startSite(await open(), handler, { saveEveryRequest: true, touchAfter: HOUR });
    await site.visit("/login");
    await site.visit("/expiry");
    for (let n = 0; n < 3; n++) {
      await site.pass(200);
      expect(await site.visit("/")).toBe("ada");
    }
  });

  it("renews one whose own age is longer once in each window", async () => {
    const site = await startSite(await open(), handler, { saveEveryRequest: true, touchAfter: HOUR });
    await site.visit("/login");
    await site.visit("/longer");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (let n = 0; n < 5; n++) {
      await site.pass(1300);
      expect(await site.visit("/")).toBe("ada");
    }
    expect(site.renewed).toEqual(perRenewal);
  });

  it("is off by default: each request renews both", async () => {
    const site = await startSite(await open(), handler, { saveEveryRequest: true });
    await site.visit("/login");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (const path of ["/", "/idle"]) await site.visit(path);
    expect(site.renewed).toEqual({ cookies: 2, writes: 2 * perRenewal.writes });
  });
});

describe("touchAfter", () => {
  const rolling = { saveEveryRequest: true, touchAfter: HOUR, cookieAge: DAY };

  it("does not save a session that ends on a date, because that would not move it", async () => {
    const { request, stored, time } = library(rolling);
    const cookie = await stored({ a: 1 });
    await request((session) => session.setExpiry(new Date(time.now + 2 * HOUR * 1000)), { cookie });
    time.now += HOUR * 1000 + 1000;
    expect((await request((session) => session.get("a"), { cookie })).line).toBeNull();
  });

  it("prolongs a session that ends with the browser, too", async () => {
    const { request, stored, time } = library({ ...rolling, expireAtBrowserClose: true });
    const cookie = await stored({ a: 1 });
    time.now += (HOUR - 1) * 1000;
    expect((await request((session) => session.get("a"), { cookie })).line).toBeNull();
    time.now += 1000;
    expect((await request((session) => session.get("a"), { cookie })).line).toMatch(/^sessionid=\w+; /);
  });

  it("shortens a session at its next request after cookieAge was lowered, and prolongs it after it was raised", async () => {
    const before = library(rolling);
    for (const cookieAge of [DAY / 2, 2 * DAY]) {
      const cookie = await before.stored({ a: 1 });
      const after = library({ ...rolling, engine: elsewhere(before.sessions.engine), cookieAge });
      const { line } = await after.request((session) => session.get("a"), { cookie });
      expect(String(line)).toContain(`; Max-Age=${cookieAge};`);
    }
  });

  it("sends the cookie of a session that the handler saved or gave a new key", async () => {
    const { request, stored } = library(rolling);
    const cookie = await stored({ a: 1 });
    expect((await request((session) => session.save(), { cookie })).line).toMatch(/^sessionid=/);
    expect((await request((session) => session.cycleKey(), { cookie })).line).toMatch(/^sessionid=/);
  });

  it("shows no observer a save, and varies only with a session that was read", async () => {
    const { sessions, request, stored } = library(rolling);
    const cookie = await stored({ a: 1 });
    const seen: string[] = [];
    const operation = (what: string) => seen.push(what);
    sessions.observe({ opened: () => ({ operation, loaded() {}, late() {}, ended() {} }) as never });
    expect(await request((session) => session.get("a"), { cookie })).toMatchObject({ vary: "Cookie" });
    expect(await request(() => {}, { cookie })).toMatchObject({ vary: null, line: null });
    expect(seen).toEqual(["load", "load"]);
  });

  it("loads a session that was not loaded, instead of saving it", async () => {
    const engine = cache(memory());
    Object.defineProperty(engine, "loadSync", { value: undefined });
    const { request, stored } = library({ ...rolling, engine, load: "lazy" });
    const cookie = await stored({ a: 1 });
    const update = vi.spyOn(engine, "update");
    expect((await request(() => {}, { cookie })).line).toBeNull();
    expect(update).not.toHaveBeenCalled();
  });

  it.each([
    ["leaves a session to the next request if its cookie expires", false, 0],
    ["prolongs a session that ends with the browser", true, 1],
  ])("in a WebSocket handshake, which sends no cookie, %s", async (_, expireAtBrowserClose, expected) => {
    const { sessions, stored, time } = library({ ...rolling, expireAtBrowserClose });
    const cookieHeader = await stored({ a: 1 });
    const update = vi.spyOn(sessions.engine, "update");
    const shakeHands = async () => {
      const facts = { method: "GET", path: "/", identity: {}, cookieHeader };
      const opened = await openSession(sessions, facts);
      expect(opened.session.get("a")).toBe(1);
      await opened.detach();
    };
    await shakeHands();
    expect(update).not.toHaveBeenCalled();
    time.now += HOUR * 1000;
    await shakeHands();
    expect(update).toHaveBeenCalledTimes(expected);
  });

  it("leaves a session whose expiry the engine does not know to saveEveryRequest", async () => {
    const engine = cache(memory());
    const load = engine.loadSync?.bind(engine);
    const withoutEnd = (key: string) => {
      const stored = load?.(key);
      return typeof stored === "object" && stored !== null ? { text: stored.text, expiresAtMs: null } : null;
    };
    Object.defineProperty(engine, "loadSync", { value: withoutEnd });
    const { request, stored } = library({ ...rolling, engine });
    const cookie = await stored({ a: 1 });
    expect((await request((session) => session.get("a"), { cookie })).line).toMatch(/^sessionid=/);
  });
});
