/** The middleware's rules, over real HTTP, for every adapter: what is stored, which cookie and which Vary are sent. */
import { cache, type Engine } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import type { App, Page, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { Visitor } from "./client.ts";
import { asyncEngine, sessionsOn } from "./stores.ts";

const PAGES: Record<string, Page> = {
  "/untouched": () => ({ body: "hello" }),
  "/read": ({ session }) => ({ body: `user ${String(session.get("user_id"))}` }),
  "/visit": ({ session }) => {
    session.change("visits", (visits) => Number(visits ?? 0) + 1);
    return { body: String(session.get("visits")) };
  },
  "/login": async ({ session }) => {
    session["user_id"] = 123;
    session["username"] = "john_doe";
    void session.cycleKey();
    return { status: 302, headers: [["Location", "/read"]] };
  },
  "/logout": async ({ session }) => {
    await session.flush();
    return { body: "bye" };
  },
  "/nested": ({ session }) => {
    const cart = session.setDefault("cart", { items: [] as unknown[] });
    (cart as { items: unknown[] }).items.push("pen"); // as set on the line above
    return { body: JSON.stringify(cart) };
  },
  "/cookies": ({ session }) => {
    session["seen"] = true;
    return {
      headers: [
        ["Set-Cookie", "theme=dark; Path=/"],
        ["Set-Cookie", "lang=en; Path=/"],
        ["Set-Cookie", "sessionid=forged; Path=/"],
        ["Vary", "Accept-Encoding"],
      ],
    };
  },
  "/star": ({ session }) => ({ headers: [["Vary", "*"]], body: String(session.get("user_id")) }),
};
for (const status of [404, 418, 500, 503]) {
  PAGES[`/write-${status}`] = ({ session }) => {
    session["tried"] = status;
    return { status, body: "as the page wished" };
  };
}

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS)("sessions on $name", (adapter) => {
  async function visit(app: Partial<App> & { engine?: Engine } = {}): Promise<Visitor> {
    const { engine = cache("memory:"), ...rest } = app;
    served = await adapter.serve({ sessions: sessionsOn(engine), pages: PAGES, ...rest });
    return new Visitor(served.port);
  }

  it("adds nothing to a response whose handler never used the session", async () => {
    const visitor = await visit();
    const seen = await visitor.ask("/untouched");
    expect([seen.body, seen.get("vary"), seen.get("set-cookie")]).toEqual(["hello", undefined, undefined]);
    await visitor.ask("/login");
    const again = await visitor.ask("/untouched");
    expect([again.get("vary"), again.get("set-cookie")]).toEqual([undefined, undefined]);
  });

  it("varies by cookie when the handler only reads, and sets no cookie", async () => {
    const seen = await (await visit()).ask("/read");
    expect([seen.body, seen.get("vary"), seen.get("set-cookie")]).toEqual([
      "user undefined",
      "Cookie",
      undefined,
    ]);
  });

  it("stores what a handler wrote, under a new key after a login", async () => {
    const visitor = await visit();
    await visitor.ask("/visit");
    const before = visitor.cookie;
    const login = await visitor.ask("/login");
    expect([login.status, login.get("location")]).toEqual([302, "/read"]);
    expect(visitor.cookie).not.toBe(before);
    expect((await visitor.ask("/read")).body).toBe("user 123");
    expect((await visitor.ask("/visit")).body).toBe("2");
    expect((await visitor.ask("/read", { cookie: before })).body).toBe("user undefined");
  });

  it("loads before the handler on engines that cannot load synchronously", async () => {
    const visitor = await visit({ engine: asyncEngine() });
    await visitor.ask("/login");
    expect((await visitor.ask("/read")).body).toBe("user 123");
  });

  it("stores a change deep inside a value", async () => {
    const visitor = await visit();
    await visitor.ask("/nested");
    await visitor.ask("/nested");
    expect((await visitor.ask("/nested")).body).toBe('{"items":["pen","pen","pen"]}');
  });

  it("deletes the cookie after a logout, and the session with it", async () => {
    const visitor = await visit();
    await visitor.ask("/login");
    const old = visitor.cookie;
    const seen = await visitor.ask("/logout");
    expect(seen.get("set-cookie")).toBe(
      'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax',
    );
    expect((await visitor.ask("/read", { cookie: old })).body).toBe("user undefined");
  });

  it("keeps the handler's cookies, replaces one with the session's name, and merges Vary", async () => {
    const visitor = await visit();
    const seen = await visitor.ask("/cookies");
    expect(seen.all("set-cookie")).toEqual([
      "theme=dark; Path=/",
      "lang=en; Path=/",
      expect.stringMatching(/^sessionid=[a-z0-9]{32}; HttpOnly; Path=\/; SameSite=Lax$/),
    ]);
    expect(seen.get("vary")).toBe("Accept-Encoding, Cookie");
    expect((await visitor.ask("/star")).get("vary")).toBe("*");
  });

  it.each([404, 418])("stores when the answer is a %i", async (status) => {
    const visitor = await visit();
    const seen = await visitor.ask(`/write-${status}`);
    expect([seen.status, seen.body]).toEqual([status, "as the page wished"]);
    expect(visitor.cookie).toMatch(/^sessionid=[a-z0-9]{32}$/);
  });

  it.each([500, 503])("stores nothing when the answer is a %i", async (status) => {
    const seen = await (await visit()).ask(`/write-${status}`);
    expect([seen.status, seen.get("set-cookie")]).toEqual([status, undefined]);
  });

  it("answers HEAD as GET, without the body", async () => {
    const visitor = await visit();
    const seen = await visitor.ask("/visit", { method: "HEAD" });
    expect([seen.status, seen.body, seen.get("vary")]).toEqual([200, "", "Cookie"]);
    expect((await visitor.ask("/visit")).body).toBe("2");
  });

  it("treats an unknown, damaged or absurd cookie as no session, and never adopts its key", async () => {
    for (const cookie of [
      "sessionid=0123456789abcdef",
      `sessionid=${"k".repeat(10_000)}`,
      "sessionid=__proto__",
    ]) {
      const visitor = await visit();
      expect((await visitor.ask("/read", { cookie })).body).toBe("user undefined");
      await visitor.ask("/login", { cookie });
      expect(visitor.cookie).toMatch(/^sessionid=[a-z0-9]{32}$/);
      await served?.close();
    }
  });
});
