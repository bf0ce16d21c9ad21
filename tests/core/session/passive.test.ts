/** Passive requests where another request, a socket or a date is at work: they prolong nothing, and undo nothing. */
import { openSession } from "session-bridge";
import { describe, expect, it, vi } from "vitest";
import { library, NOW } from "../library.ts";

const HOUR = 3600;
const keyIn = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);

describe("passive", () => {
  const passive = { idleAge: HOUR, passive: () => true };

  it("is asked at most once per request, and not if the answer does not matter", async () => {
    const asked = vi.fn((_: object) => false);
    const { request, stored } = library({ idleAge: HOUR, passive: asked });
    const cookie = await stored({ a: 1 });
    await request(() => {});
    await request((session) => session.get("a"));
    expect(asked).not.toHaveBeenCalled();
    await request((session) => session.get("a"), { cookie });
    expect(asked).toHaveBeenCalledTimes(1);
    await request(
      async (session) => {
        for (const n of [1, 2, 3]) {
          session.set("n", n);
          await session.save();
        }
      },
      { cookie },
    );
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it("keeps the end that another request has given the session meanwhile", async () => {
    const { sessions, request, stored, time } = library({
      idleAge: HOUR,
      passive: (request) => Reflect.get(request, "poll") === true,
    });
    const cookie = await stored({ a: 1 });
    time.now += 1_800_000;
    const facts = { method: "GET", path: "/", cookieHeader: cookie, identity: { poll: true } };
    const poll = await openSession(sessions, facts);
    poll.session.set("b", 1);
    await request((session) => session.get("a"), { cookie });
    time.now += 60_000;
    const closed = await poll.close({ status: 200, vary: null, setCookie: [] });
    const row = await sessions.engine.load(keyIn(cookie), true);
    expect(row).toMatchObject({ expiresAtMs: NOW + 1_800_000 + HOUR * 1000 });
    expect(closed.setCookie?.[0]).toContain(`Max-Age=${HOUR - 60};`);
  });

  it("is another's write, too, if one that is not passive stores the same", async () => {
    const { sessions, stored, time } = library({
      idleAge: HOUR,
      passive: (request) => Reflect.get(request, "poll") === true,
    });
    const cookie = await stored({ a: 1 });
    time.now += 600_000;
    const start = async (poll: boolean) => {
      const facts = { method: "GET", path: "/", cookieHeader: cookie, identity: { poll } };
      const opened = await openSession(sessions, facts);
      opened.session.set("a", 2);
      return opened;
    };
    const both = [await start(true), await start(false)];
    await Promise.all(both.map((opened) => opened.close({ status: 200, vary: null, setCookie: [] })));
    expect(await sessions.engine.load(keyIn(cookie), true)).toMatchObject({
      expiresAtMs: NOW + 600_000 + HOUR * 1000,
    });
  });

  it.each([
    ["leaves an unchanged session as it is", false],
    ["stores a change under the old end", true],
  ])("in a WebSocket handshake %s", async (_, changes) => {
    const { sessions, stored, read, time } = library({ ...passive, expireAtBrowserClose: true });
    const cookie = await stored({ a: 1 });
    const update = vi.spyOn(sessions.engine, "update");
    time.now += 600_000;
    const facts = { method: "GET", path: "/", cookieHeader: cookie, identity: {} };
    const opened = await openSession(sessions, facts);
    if (changes) opened.session.set("a", 2);
    expect(opened.session.get("a")).toBe(changes ? 2 : 1);
    expect(await opened.detach()).toBeNull();
    expect(update).toHaveBeenCalledTimes(changes ? 1 : 0);
    expect(await read(cookie)).toEqual({ a: changes ? 2 : 1 });
    expect(await sessions.engine.load(keyIn(cookie), true)).toMatchObject({
      expiresAtMs: NOW + HOUR * 1000,
    });
  });

  it("also holds with saveEveryRequest alone, and keeps a date", async () => {
    const { sessions, request, stored, time } = library({ saveEveryRequest: true, passive: () => true });
    const cookie = await stored({ a: 1 });
    const end = await sessions.engine.load(keyIn(cookie), true);
    time.now += 60_000;
    expect((await request((session) => session.get("a"), { cookie })).line).toBeNull();
    await request((session) => session.set("a", 2), { cookie });
    expect(await sessions.engine.load(keyIn(cookie), true)).toMatchObject({
      expiresAtMs: (end as { expiresAtMs: number }).expiresAtMs,
    });
  });

  it("changes a session whose cookie ends with the browser, and the cookie still does", async () => {
    const { request, stored, time } = library({ ...passive, expireAtBrowserClose: true });
    const cookie = await stored({ a: 1 });
    time.now += 60_000;
    const { line } = await request((session) => session.set("a", 2), { cookie });
    expect(line).not.toMatch(/expires|Max-Age/i);
  });
});
