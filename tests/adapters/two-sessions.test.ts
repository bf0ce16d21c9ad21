/** Two sessions for one request, a site's and its administrators': over real HTTP, with a browser's cookie jar. */
import express from "express";
import Fastify from "fastify";
import {
  createSessions,
  type Engine,
  type Session,
  SessionError,
  type Sessions,
  type SettingsInput,
  signedCookies,
} from "session-bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as honoSession } from "session-bridge/fetch";
import { sessionMiddleware as koaSession } from "session-bridge/koa";
import { sessionMiddleware } from "session-bridge/node";
import { CookieJar } from "tough-cookie";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { ask, type Seen } from "./client.ts";
import { serveListener } from "./node-adapters.ts";
import { asyncEngine, SECRET_KEY, sessionsOn } from "./stores.ts";
import { TWO_FRAMEWORKS, type TwoApp, type TwoFramework, type TwoPage } from "./two-sessions-apps.ts";

let served: Served | undefined;
afterEach(() => served?.close());

/** Memory whose writes can be made to fail. */
function breakable() {
  const inner = asyncEngine();
  const state: { error: Error | null; loads: number; writes: number } = { error: null, loads: 0, writes: 0 };
  const write = <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) => {
    return async (...args: Args) => {
      state.writes++;
      if (state.error !== null) throw state.error;
      return method(...args);
    };
  };
  const engine: Engine = {
    ...inner,
    load(key) {
      state.loads++;
      return inner.load(key);
    },
    create: write(inner.create.bind(inner)),
    update: write(inner.update.bind(inner)),
  };
  return { engine, state };
}

const PAGES: Record<string, TwoPage> = {
  "/write": (site, admin) => {
    site.set("user", "ann");
    admin.set("user", "root");
  },
  "/write-site": (site) => site.set("n", Number(site.get("n") ?? 0) + 1),
  "/write-admin": (_, admin) => admin.set("n", Number(admin.get("n") ?? 0) + 1),
  "/read": (site, admin) => JSON.stringify([site.toJSON(), admin.toJSON()]),
  "/nothing": () => "nothing",
  "/logout-admin": (_, admin) => admin.flush(),
  "/cycle-site": (site) => site.cycleKey(),
};

/** A browser: its jar, and what it gets. */
function browse(port: number) {
  const jar = new CookieJar();
  const origin = `http://localhost:${port}`;
  const get = async (path: string): Promise<Seen> => {
    const cookie = await jar.getCookieString(origin + path);
    const seen = await ask(port, path, { cookie });
    for (const line of seen.all("set-cookie")) await jar.setCookie(line, origin + path);
    return seen;
  };
  const names = async () => (await jar.getCookies(origin)).map(({ key }) => key).sort();
  return { get, names, jar };
}

function noteEnds(name: string, sessions: Sessions, ended: string[]): void {
  const nothing = { loaded() {}, operation() {}, wrote() {}, late() {} };
  sessions.observe({
    opened: () => ({ ...nothing, ended: ({ status }) => ended.push(`${name}: ${status}`) }),
  });
}

const setsIn = (seen: Seen) => seen.all("set-cookie").map((line) => line.slice(0, line.indexOf("=")));

describe.each(TWO_FRAMEWORKS)("two sessions on $name", (framework) => {
  /** @param ended is given each session that is closed, with the status that it was closed with */
  async function start(pages = PAGES, settings: Partial<SettingsInput> = {}, ended: string[] | null = null) {
    const [onSite, onAdmin] = [breakable(), breakable()];
    const site = sessionsOn(onSite.engine, settings);
    const admin = sessionsOn(onAdmin.engine, { cookieName: "admin_sid", cookiePath: "/", ...settings });
    for (const [name, sessions] of Object.entries({ site, admin }))
      if (ended !== null) noteEnds(name, sessions, ended);
    const started = await framework.serve({ site, admin, pages });
    served = started;
    return { ...started, site, admin, onSite: onSite.state, onAdmin: onAdmin.state, ...browse(started.port) };
  }

  it("are both stored at the end, each under its own cookie", async () => {
    const { get, names } = await start();
    const written = await get("/write");
    expect([written.status, setsIn(written).sort(), written.get("vary")]).toEqual([
      200,
      ["admin_sid", "sessionid"],
      "Cookie",
    ]);
    expect(await names()).toEqual(["admin_sid", "sessionid"]);
    const read = await get("/read");
    expect([read.body, read.all("set-cookie"), read.get("vary")]).toEqual([
      '[{"user":"ann"},{"user":"root"}]',
      [],
      "Cookie",
    ]);
  });

  it("leave each other alone", async () => {
    const { get, names } = await start();
    await get("/write");
    expect(setsIn(await get("/write-site"))).toEqual(["sessionid"]);
    expect(setsIn(await get("/write-admin"))).toEqual(["admin_sid"]);
    expect(setsIn(await get("/cycle-site"))).toEqual(["sessionid"]);
    expect((await get("/read")).body).toBe('[{"user":"ann","n":1},{"user":"root","n":1}]');
    expect(setsIn(await get("/logout-admin"))).toEqual(["admin_sid"]);
    expect(await names()).toEqual(["sessionid"]);
    expect((await get("/read")).body).toBe('[{"user":"ann","n":1},{}]');
  });

  it("cost nothing while they are not used", async () => {
    const { get, onSite, onAdmin } = await start();
    const nothing = await get("/nothing");
    expect([nothing.all("set-cookie"), nothing.get("vary")]).toEqual([[], undefined]);
    await get("/write-site");
    expect([onAdmin.loads, onAdmin.writes]).toEqual([0, 0]);
    await get("/write-admin");
    expect(onSite.writes).toBe(1);
  });

  it.each([
    ["the first", "onSite", "session", "sessionid"],
    ["the second", "onAdmin", "adminSession", "admin_sid"],
  ] as const)("are a 500 that says whose it is if the store of %s fails", async (_, which, name, cookie) => {
    const { get, errors, ...app } = await start();
    await get("/write");
    app[which].error = new Error("the disk is full");
    const seen = await get(which === "onSite" ? "/write-site" : "/write-admin");
    expect([seen.status, seen.all("set-cookie")]).toEqual([500, []]);
    expect(errors).toHaveLength(1);
    const shown = framework.name === "a fetch handler" ? `the cookie ${cookie}` : name;
    expect(errors[0]).toMatch(new RegExp(`\\b${shown}\\b.* could not be stored`));
    app[which].error = new SessionError("unavailable", "Memory does not answer.");
    const silent = await get(which === "onSite" ? "/write-site" : "/write-admin");
    expect([silent.status, silent.get("retry-after")]).toEqual([503, "1"]);
    app[which].error = null;
    await get("/write-site");
    expect((await get("/read")).body).toBe('[{"user":"ann","n":1},{"user":"root"}]');
  });

  it("are no longer stored once one of them has failed", async () => {
    const ended: string[] = [];
    const { get, onSite, onAdmin } = await start(PAGES, {}, ended);
    onSite.error = new Error("the disk is full");
    onAdmin.error = new Error("the disk is full");
    expect((await get("/write")).status).toBe(500);
    expect(onSite.writes + onAdmin.writes).toBe(1);
    // the session that was not stored is closed, too
    await expect.poll(() => [...ended].sort(), { timeout: 10_000 }).toEqual(["admin: 500", "site: 500"]);
  });

  it.each(["site", "admin"] as const)(
    "answer with 400 if the %s session was deleted meanwhile, and keep the cookie of the other one",
    async (gone) => {
      const app: { delete: () => Promise<unknown> } = { delete: async () => {} };
      const { get, site, admin, jar, port } = await start({
        ...PAGES,
        "/race": async (onSite: Session, onAdmin: Session) => {
          onSite.set("late", 1);
          onAdmin.set("late", 1);
          await app.delete();
        },
      });
      await get("/write");
      const cookies = await jar.getCookies(`http://localhost:${port}`);
      const keyOf = (name: string) => cookies.find(({ key }) => key === name)?.value ?? "";
      app.delete = () =>
        gone === "site" ? site.engine.delete(keyOf("sessionid")) : admin.engine.delete(keyOf("admin_sid"));
      const seen = await get("/race");
      expect([seen.status, setsIn(seen)]).toEqual([400, [gone === "site" ? "admin_sid" : "sessionid"]]);
      expect(seen.body).toContain("was deleted before this request completed");
      const read = await get("/read");
      const late = '{"user":"ann","late":1}';
      expect(read.body).toBe(gone === "site" ? '[{},{"user":"root","late":1}]' : `[${late},{}]`);
    },
  );

  it("are refused if their cookies have one name, whatever the paths", async () => {
    for (const cookiePath of ["/", "/admin"]) {
      const admin = sessionsOn(asyncEngine(), { cookiePath });
      const refusal = await refusalOf(framework, { site: sessionsOn(asyncEngine()), admin, pages: PAGES });
      expect(refusal).toContain("have the same cookie, sessionid. Give one of them another");
      await served?.close();
      served = undefined;
    }
  });

  it("are refused if both are signed cookies of one secret, and apart with a secret each (T53)", async () => {
    const signed = (settings: object) => sessionsOn(signedCookies(), settings);
    const admin = (secretKey: string | string[]) => signed({ cookieName: "admin_sid", secretKey });
    const shared = { site: signed({ secretKey: "one" }), admin: admin(["two", "one"]), pages: PAGES };
    expect(await refusalOf(framework, shared)).toContain("Give each a separate secretKey");
    await served?.close();
    served = await framework.serve({ site: signed({ secretKey: "one" }), admin: admin("two"), pages: PAGES });
    const lines = (await ask(served.port, "/write")).all("set-cookie");
    const site = lines.find((line) => line.startsWith("sessionid="));
    const forged = site?.split(";")[0]?.replace("sessionid=", "admin_sid=") ?? "";
    expect((await ask(served.port, "/read", { cookie: forged })).body).toBe("[{},{}]");
  });
});

const NODE = TWO_FRAMEWORKS.filter(({ name }) => ["node:http", "Connect", "Express"].includes(name));

it.each(NODE)(
  "the cookie of a session that was stored is sent with the other one's error on $name",
  async (framework) => {
    const onSite = breakable();
    const pages: TwoApp["pages"] = {
      ...PAGES,
      "/cycle-admin": (site, admin) => {
        site.set("n", 1);
        return admin.cycleKey();
      },
    };
    const admin = sessionsOn(asyncEngine(), { cookieName: "admin_sid" });
    served = await framework.serve({ site: sessionsOn(onSite.engine), admin, pages });
    const { get } = browse(served.port);
    await get("/write");
    onSite.state.error = new Error("the disk is full");
    const seen = await get("/cycle-admin");
    expect([seen.status, setsIn(seen)]).toEqual([500, ["admin_sid"]]);
    onSite.state.error = null;
    expect((await get("/read")).body).toBe('[{"user":"ann"},{"user":"root"}]');
  },
);

/** What the framework says about an app that cannot work: at its start, or at the first request. */
async function refusalOf(framework: TwoFramework, app: TwoApp): Promise<string> {
  try {
    const started = await framework.serve(app);
    served = started;
    expect((await ask(started.port, "/read")).status).toBe(500);
    return started.errors.join("\n");
  } catch (error) {
    return String(error);
  }
}

/** A fetch handler is given its sessions as arguments. */
const NAMING = TWO_FRAMEWORKS.filter(({ name }) => name !== "a fetch handler");

it.each(NAMING)("two sessions under one name are refused on $name", async (framework) => {
  const admin = sessionsOn(asyncEngine(), { cookieName: "admin_sid" });
  const app = { site: sessionsOn(asyncEngine()), admin, pages: PAGES, as: "session" };
  const refusal = await refusalOf(framework, app);
  expect(refusal).toMatch(/already has a session from another createSessions, .*session/);
  expect(refusal).toContain('{ as: "adminSession" }');
});

describe("the option as", () => {
  const sessions = () => sessionsOn(asyncEngine(), { cookieName: "admin_sid" });

  it.each(["", "a b", "1st", "a-b", 7 as unknown as string])("is refused if it is no name: %s", (as) => {
    for (const make of [sessionMiddleware, koaSession, honoSession, sessionPlugin])
      expect(() => make(sessions(), { as })).toThrow(expect.objectContaining({ code: "settings" }));
  });

  it.each(["url", "headers", "query", "toString"])(
    "is refused if the request has it already: %s",
    async (as) => {
      const errors: unknown[] = [];
      const app = express();
      app.use(sessionMiddleware(sessions(), { as }));
      app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
        errors.push(error);
        response.status(500).end();
      });
      served = await serveListener(app);
      await ask(served.port, "/");
      expect(errors).toEqual([expect.objectContaining({ code: "settings" })]);
      const fastify = Fastify();
      await expect(fastify.register(sessionPlugin(sessions(), { as }))).rejects.toThrow();
    },
  );

  it("is refused for a session that is opened after the response", async () => {
    const errors: unknown[] = [];
    const [first, second] = [
      sessionMiddleware(sessionsOn(asyncEngine())),
      sessionMiddleware(sessions(), { as: "late" }),
    ];
    served = await serveListener((request, response) =>
      first(request, response, () => {
        request.session.set("n", 1);
        response.end();
        second(request, response, (error) => errors.push(error));
      }),
    );
    await ask(served.port, "/");
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining("opened after the response") }),
    ]);
  });
});

it("three sessions are stored, too", async () => {
  const app = express();
  const names = ["one", "two", "three"];
  for (const as of names) {
    const engine = asyncEngine();
    const sessions = createSessions({ secretKey: SECRET_KEY, engine, cookieName: as, log: () => {} });
    app.use(sessionMiddleware(sessions, { as }));
  }
  app.get("/", (request, response) => {
    for (const name of names) (Reflect.get(request, name) as Session).set("name", name);
    response.send("done");
  });
  app.get("/read", (request, response) => {
    response.send(names.map((name) => (Reflect.get(request, name) as Session).get("name")));
  });
  served = await serveListener(app);
  const { get } = browse(served.port);
  expect(setsIn(await get("/")).sort()).toEqual(["one", "three", "two"]);
  expect((await get("/read")).body).toBe('["one","two","three"]');
});
