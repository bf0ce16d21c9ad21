/** Requests that carry the key from before a login or a logout: what their responses do to the browser's newer cookie. */
import type { SessionsOptions } from "session-bridge";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Page, Served } from "./adapter.ts";
import { JarVisitor } from "./jar-visitor.ts";
import { endStores, KEPT_ENGINES } from "./kept-engines.ts";
import { serveKept } from "./kept-site.ts";

const USER = "user 123";
let served: Served | undefined;
afterEach(() => served?.close());
afterAll(endStores);

describe.each(KEPT_ENGINES)("on $name", ({ make, isCarried }) => {
  async function open(settings: Partial<SessionsOptions> = {}) {
    const held = { reached: Promise.withResolvers<void>(), opening: Promise.withResolvers<void>() };
    const hold = () => {
      held.reached.resolve();
      return held.opening.promise;
    };
    const time = { ahead: 0 };
    const load: Page = async ({ session }) => {
      await session.load(); // for `load: "lazy"`
      return {};
    };
    const pages: Record<string, Page> = {
      "/guest": async (given) => {
        await load(given);
        given.session["cart"] = 1;
        return {};
      },
      "/login": async (given) => {
        await load(given);
        given.session["user_id"] = 123;
        await given.session.cycleKey();
        return {};
      },
      "/logout": async ({ session }) => {
        await session.flush();
        return {};
      },
      "/read": async (given) => {
        await load(given);
        return { body: `user ${String(given.session.get("user_id"))}` };
      },
      "/poll": () => ({ body: "news" }),
      "/held-read": async (given) => {
        await load(given);
        given.session.get("user_id");
        await hold();
        return {};
      },
      "/held-write": async (given) => {
        await load(given);
        given.session.get("user_id");
        await hold();
        given.session["seen"] = true;
        return {};
      },
    };
    const clock = () => Date.now() + time.ahead;
    served = await serveKept(make(), pages, { clock, ...settings });
    return { visitor: new JarVisitor(served.port), held, time };
  }

  /** Of signed cookies, `saveEveryRequest` sends the session itself again, so it has no such promise. */
  const settings: [string, Partial<SessionsOptions>, string][] = [
    ["reads", {}, "/read"],
    ['reads, with load: "lazy"', { load: "lazy" }, "/read"],
    ...(isCarried
      ? []
      : ([
          ["reads, with saveEveryRequest", { saveEveryRequest: true }, "/read"],
          ["touches nothing, with saveEveryRequest", { saveEveryRequest: true }, "/poll"],
          [
            'touches nothing, with saveEveryRequest and load: "lazy"',
            { saveEveryRequest: true, load: "lazy" },
            "/poll",
          ],
        ] as [string, Partial<SessionsOptions>, string][])),
  ];

  it.each(settings)(
    "a poll that was sent before the login and arrives after it, and %s, leaves the login alone",
    async (_, given, path) => {
      const { visitor } = await open(given);
      await visitor.ask("/guest");
      const late = await visitor.send(path);
      await visitor.ask("/login");
      const seen = await late.arrive();
      await late.receive(seen);
      expect(seen).toMatchObject({ status: 200 });
      expect(seen.get("set-cookie")).toBeUndefined();
      expect((await visitor.ask("/read")).body).toBe(USER);
    },
  );

  it.each(["/read", "/poll"])(
    "a request to %s with the key of a session that has expired leaves the login alone",
    async (path) => {
      const saveEveryRequest = path === "/poll";
      const { visitor, time } = await open({ cookieAge: 60, saveEveryRequest });
      await visitor.ask("/guest");
      time.ahead = 3_600_000;
      const late = await visitor.send(path);
      expect(late.cookie).not.toBe("");
      const login = await visitor.send("/login");
      const answered = await login.arrive();
      const seen = await late.arrive();
      await login.receive(answered);
      await late.receive(seen);
      expect(seen.get("set-cookie")).toBeUndefined();
      expect((await visitor.ask("/read")).body).toBe(USER);
    },
  );

  // of signed cookies, the later response's cookie is the session: docs/engines.md
  const heldPaths = isCarried ? ["/held-read"] : ["/held-read", "/held-write"];
  it.each(heldPaths)(
    "a request to %s that begins before the login and ends after it leaves the login alone",
    async (path) => {
      const { visitor, held } = await open();
      await visitor.ask("/guest");
      const late = await visitor.send(path);
      const arriving = late.arrive();
      await held.reached.promise;
      await visitor.ask("/login");
      held.opening.resolve();
      const seen = await arriving;
      await late.receive(seen);
      expect([seen.status, seen.get("set-cookie")]).toEqual([path === "/held-read" ? 200 : 400, undefined]);
      expect((await visitor.ask("/read")).body).toBe(USER);
    },
  );

  it("a request that ends after a logout elsewhere says nothing about the cookie, and brings nothing back", async () => {
    const { visitor, held } = await open();
    await visitor.ask("/login");
    const late = await visitor.send(isCarried ? "/held-read" : "/held-write");
    const after = await visitor.send("/read");
    const arriving = late.arrive();
    await held.reached.promise;
    await visitor.ask("/logout");
    expect(await visitor.keys("/")).toEqual([]);
    held.opening.resolve();
    for (const [sent, seen] of [
      [late, await arriving],
      [after, await after.arrive()],
    ] as const) {
      expect(seen.get("set-cookie")).toBeUndefined();
      await sent.receive(seen);
    }
    expect((await visitor.ask("/read")).body).toBe("user undefined");
  });

  it("a logout with the key from before the login is a logout: the cookie goes", async () => {
    const { visitor } = await open();
    await visitor.ask("/guest");
    const late = await visitor.send("/logout");
    await visitor.ask("/login");
    await late.receive(await late.arrive());
    expect(await visitor.keys("/")).toEqual([]);
  });

  it("an unknown key is never adopted: a change makes a new one", async () => {
    const { visitor } = await open();
    await visitor.plant("sessionid=abcdefghijklmnopqrstuvwxyz012345; Path=/");
    await visitor.ask("/guest");
    expect(await visitor.keys("/")).not.toContain("abcdefghijklmnopqrstuvwxyz012345");
  });

  it("a damaged cookie does not survive a reading", async () => {
    const { visitor } = await open();
    await visitor.plant("sessionid=Not-A-Key:of:ours; Path=/");
    await visitor.ask("/read");
    expect(await visitor.keys("/")).not.toContain("Not-A-Key:of:ours");
  });
});
