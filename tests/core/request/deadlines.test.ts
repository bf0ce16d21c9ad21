/**
 * `absoluteAge`, `idleAge` and `passive` on every engine, with its real store, over real HTTP and with a real cookie jar.
 * Time is that of the library's clock, of the jar, and of the entries in Redis.
 */
import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { elsewhere } from "../engines/again.ts";
import type { Handler } from "../engines/app.ts";
import { library, NOW } from "../library.ts";
import { type Store, startSite, stores } from "./timed-site.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** For thousands of requests on a machine that is busy. */
const MANY_REQUESTS_MS = 120_000;
/** Redis counts what a test takes, by its own clock. */
const TEST_TAKES_MS = 20_000;

const handler: Handler = async (request, response) => {
  const { session } = request;
  const url = new URL(request.url ?? "/", "http://site");
  if (url.pathname === "/login") {
    session.set("user_id", Number(url.searchParams.get("id") ?? 1));
    void session.cycleKey();
  }
  if (url.pathname === "/guest") session.set("cart", 1);
  if (url.pathname === "/add") session.set("visits", Number(session.get("visits") ?? 0) + 1);
  if (url.pathname === "/cycle") await session.cycleKey();
  if (url.pathname === "/clear") session.clear();
  if (url.pathname === "/remove") session.delete("_session_deadline");
  if (url.pathname === "/expiry") session.setExpiry(Number(url.searchParams.get("age")));
  if (url.pathname === "/date") session.setExpiry(new Date(Number(url.searchParams.get("at"))));
  if (url.pathname === "/flush") {
    await session.flush();
    session.set("cart", 2);
  }
  if (url.pathname === "/save") await session.save();
  if (url.pathname === "/untouched") response.end();
  else if (url.pathname === "/age") response.end(String(session.getExpiryAge()));
  else response.end(JSON.stringify(session));
};

const isPassive = (request: IncomingMessage) => request.headers["x-poll"] === "1";
const POLL = { "X-Poll": "1" };

const asJson = (text: string): Record<string, unknown> => JSON.parse(text);

describe.each(Object.entries(stores))("on %s", (name, open) => {
  const isRedis = name === "Redis" || name === "a cached database";
  const isCarried = name === "signed cookies";
  const tolerance = 1000 + (isRedis ? TEST_TAKES_MS : 0);

  async function start(options: Parameters<typeof startSite>[2], given?: Store) {
    return startSite(given ?? (await open()), handler, { cookieAge: DAY, ...options });
  }

  /** Row and cookie end in the second before `endMs`, and not after it. */
  async function expectEnds(site: Awaited<ReturnType<typeof start>>, endMs: number) {
    expect(site.cookieEnds()).toHaveLength(2);
    const ends = isCarried ? site.cookieEnds() : [...site.cookieEnds(), await site.rowEnd()];
    for (const end of ends) {
      expect(end).toBeLessThanOrEqual(endMs + 1); // Redis rounds a fraction of a millisecond up
      expect(endMs - end).toBeLessThanOrEqual(tolerance);
    }
  }

  it("ends a session absoluteAge after its beginning, to the second, however it is used", async () => {
    const site = await start({ absoluteAge: 8 * HOUR, saveEveryRequest: true });
    const deadline = (Math.floor(site.time.now / 1000) + 8 * HOUR) * 1000;
    await site.visit("/guest");
    for (const path of ["/", "/cycle", "/add", "/clear", "/remove", "/save", "/expiry?age=50000", "/add"]) {
      await site.pass(55 * MINUTE);
      const body = await site.visit(path);
      expect(asJson(body)["_session_deadline"] ?? deadline / 1000, path).toBe(deadline / 1000);
      await expectEnds(site, deadline);
    }
    await site.pass(Math.floor((deadline - site.time.now) / 1000) - 1);
    expect(asJson(await site.visit("/add"))).toMatchObject({ visits: 2 });
    await site.pass(2);
    expect(asJson(await site.visit("/"))).toEqual({});
  });

  it("begins the deadline again at a login, of another user too, and with a new session", async () => {
    const site = await start({ absoluteAge: 8 * HOUR });
    await site.visit("/guest");
    for (const path of ["/login", "/login?id=2", "/flush"]) {
      await site.pass(7 * HOUR);
      const deadline = (Math.floor(site.time.now / 1000) + 8 * HOUR) * 1000;
      await site.visit(path);
      await expectEnds(site, deadline);
      expect(asJson(await site.visit("/"))).toMatchObject({ _session_deadline: deadline / 1000 });
    }
    const deadline = Number(asJson(await site.visit("/"))["_session_deadline"]);
    await site.visit("/login");
    await site.pass(HOUR);
    await site.visit("/login"); // once more, by the same user
    expect(asJson(await site.visit("/"))["_session_deadline"]).toBe(deadline);
  });

  it("ends a session idleAge after its last request, whether that used the session or not", async () => {
    const site = await start({ idleAge: 30 * MINUTE });
    await site.visit("/guest");
    for (const path of ["/untouched", "/", "/add", "/untouched"]) {
      await site.pass(29 * MINUTE);
      await site.visit(path);
      await expectEnds(site, site.time.now + 30 * MINUTE * 1000);
    }
    await site.pass(30 * MINUTE + 1);
    expect(asJson(await site.visit("/"))).toEqual({});
  });

  it("writes with idleAge once in each window of touchAfter", async () => {
    const site = await start({ idleAge: 30 * MINUTE, touchAfter: 5 * MINUTE });
    await site.visit("/guest");
    Object.assign(site.renewed, { cookies: 0, writes: 0 });
    for (let second = 0; second < 4; second++) {
      await site.pass(60);
      await site.visit("/untouched");
    }
    expect(site.renewed).toEqual({ cookies: 0, writes: 0 });
    await site.pass(62);
    for (const path of ["/untouched", "/"]) await site.visit(path);
    expect(site.renewed).toEqual({ cookies: 1, writes: isCarried ? 0 : 1 });
    await expectEnds(site, site.time.now + 30 * MINUTE * 1000);
  });

  it("renews with idleAge a session that ends on a date, too", async () => {
    const site = await start({ idleAge: 30 * MINUTE, touchAfter: 5 * MINUTE });
    await site.visit(`/date?at=${site.time.now + DAY * 1000}`);
    for (let round = 0; round < 3; round++) {
      await site.pass(20 * MINUTE);
      expect(asJson(await site.visit("/"))).toHaveProperty("_session_expiry");
      await expectEnds(site, site.time.now + 30 * MINUTE * 1000);
    }
  });

  it("ends a session at the earliest of its own expiry, idleAge and absoluteAge", async () => {
    const site = await start({ absoluteAge: 2 * HOUR, idleAge: 30 * MINUTE });
    const deadline = (Math.floor(site.time.now / 1000) + 2 * HOUR) * 1000;
    await site.visit("/guest");
    await site.visit("/expiry?age=600");
    await expectEnds(site, site.time.now + 600_000);
    await site.visit("/expiry?age=80000");
    await expectEnds(site, site.time.now + 30 * MINUTE * 1000);
    await site.visit(`/date?at=${site.time.now + 60_000}`);
    await expectEnds(site, site.time.now + 60_000);
    await site.visit(`/date?at=${site.time.now + DAY * 1000}`);
    for (let minutes = 25; minutes <= 100; minutes += 25) {
      await site.pass(25 * MINUTE);
      await site.visit("/");
    }
    await expectEnds(site, deadline);
  });

  it("says how long a session lasts", async () => {
    const site = await start({ absoluteAge: 2 * HOUR, idleAge: 30 * MINUTE });
    expect(await site.visit("/age")).toBe(String(30 * MINUTE));
    await site.visit("/guest");
    for (let hour = 0; hour < 4; hour++) {
      await site.pass(26 * MINUTE);
      await site.visit("/");
    }
    const left = 2 * HOUR - 4 * 26 * MINUTE;
    expect(Math.abs(Number(await site.visit("/age")) - left)).toBeLessThanOrEqual(1);
  });

  /** Where the store is a server, or files, a poll takes longer. */
  const step = name === "memory" || name === "SQLite" ? 1 : 60;

  it(
    "is not prolonged by a poll every second for an hour: neither its row nor its cookie",
    async () => {
      const site = await start({ idleAge: HOUR, passive: isPassive });
      await site.visit("/guest");
      const rowEnd = isCarried ? 0 : await site.rowEnd();
      const cookieEnds = site.cookieEnds();
      Object.assign(site.renewed, { cookies: 0, writes: 0 });
      for (let second = 0; second < HOUR - 60; second += step) {
        await site.pass(step);
        await site.visit((second / step) % 2 === 0 ? "/untouched" : "/", POLL);
      }
      expect(site.renewed).toEqual({ cookies: 0, writes: 0 });
      expect(asJson(await site.visit("/", POLL))).toEqual({ cart: 1 });
      if (!isCarried) expect(Math.abs((await site.rowEnd()) - rowEnd)).toBeLessThan(tolerance);
      expect(site.cookieEnds()).toEqual(cookieEnds);
      await site.pass(61);
      expect(asJson(await site.visit("/", POLL))).toEqual({});
    },
    MANY_REQUESTS_MS,
  );

  it("keeps its end if a passive request changes it, moves it or saves it", async () => {
    const site = await start({ idleAge: HOUR, absoluteAge: 65 * MINUTE, passive: isPassive });
    await site.visit("/guest");
    const endMs = site.time.now + HOUR * 1000;
    for (const path of ["/add", "/cycle", "/save", "/add", "/clear", "/add"]) {
      await site.pass(9 * MINUTE);
      await site.visit(path, POLL);
      await expectEnds(site, endMs);
    }
    await site.pass(6 * MINUTE - 25);
    expect(asJson(await site.visit("/add", POLL))).toMatchObject({ visits: 2 });
    await expectEnds(site, endMs);
    await site.pass(26);
    expect(asJson(await site.visit("/", POLL))).toEqual({});
  });

  it("has a new end if a passive request begins it, logs someone in or sets its expiry", async () => {
    const site = await start({ idleAge: HOUR, passive: () => true });
    for (const path of ["/guest", "/login", "/login?id=3"]) {
      await site.visit(path);
      await expectEnds(site, site.time.now + HOUR * 1000);
      await site.pass(50 * MINUTE);
    }
    await site.visit("/expiry?age=1800");
    await expectEnds(site, site.time.now + 1_800_000);
  });

  it("goes on with a session from before the deadline was turned on, and gives it one with its next write", async () => {
    const store = await open();
    const before = await start({}, store);
    await before.visit("/guest");
    const cookie = await before.jar.getCookieString(before.origin);
    const site = await start(
      { absoluteAge: HOUR },
      { ...store, engine: store.again?.() ?? elsewhere(store.engine) },
    );
    await site.jar.setCookie(`${cookie}; Path=/`, site.origin);
    expect(asJson(await site.visit("/"))).toEqual({ cart: 1 });
    await site.visit("/add");
    const deadline = Math.floor(site.time.now / 1000) + HOUR;
    expect(asJson(await site.visit("/"))).toMatchObject({ cart: 1, visits: 1, _session_deadline: deadline });
    await expectEnds(site, deadline * 1000);
  });
});

it("a cookie ends in the second of the deadline, whatever the millisecond in which it is sent", async () => {
  const { request, stored, time } = library({ absoluteAge: HOUR });
  const cookie = await stored({ a: 1 });
  const ends = new Set<string | undefined>();
  for (let n = 0; n < 3000; n++) {
    time.now = NOW + n * 1117;
    const { line } = await request((session) => session.set("a", n), { cookie });
    ends.add(/expires=([^;]*)/.exec(line ?? "")?.[1]);
  }
  expect([...ends]).toEqual(["Mon, 23 Nov 2026 01:00:00 GMT"]);
});
