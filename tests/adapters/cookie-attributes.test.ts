/**
 * What the settings leave to the request, `cookieSecure: "auto"` and a function as `cookieSameSite`, on each adapter over
 * real http and https, with a browser's jar.
 */
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, request as requestHttp } from "node:http";
import { connect, createServer as createHttp2, createSecureServer } from "node:http2";
import { createServer as createHttps, request as requestHttps } from "node:https";
import { serve } from "@hono/node-server";
import connectApp from "connect";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import Koa from "koa";
import {
  cache,
  cookieOf,
  memory,
  type Session,
  type Sessions,
  type SettingsInput,
  signedCookies,
} from "session-bridge";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as honoSession, type SessionVariables, withSession } from "session-bridge/fetch";
import { sessionMiddleware as koaSession, type SessionContext } from "session-bridge/koa";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import { CookieJar } from "tough-cookie";
import { afterEach, describe, expect, it } from "vitest";
import { sessionsOn } from "./stores.ts";

const PEM = readFileSync(new URL("../e2e/sites/self-signed.pem", import.meta.url));
const TLS = { key: PEM, cert: PEM };

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Site {
  sessions: Sessions;
  tls: boolean;
  /** Whether the framework is told to trust its proxy. */
  trusts: boolean;
}

/** `/in` logs in, `/out` logs out, any other path shows who is logged in. */
async function visit(path: string, session: Session): Promise<string> {
  if (path === "/in") session["user"] = "ada";
  if (path === "/out") await session.flush();
  return String(session["user"]);
}

function listen(listener: RequestListener, tls: boolean): Promise<number> {
  const server = tls ? createHttps(TLS, listener) : createServer(listener);
  undo.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}

const onNode = ({ sessions, tls }: Site) =>
  listen(
    withSessions(sessions, async ({ url, session }, response) =>
      response.end(await visit(url ?? "", session)),
    ),
    tls,
  );

const onConnect = ({ sessions, tls }: Site) => {
  const app = connectApp();
  app.use(sessionMiddleware(sessions));
  app.use((request, response) => {
    void visit(request.url ?? "", request.session).then((text) => response.end(text));
  });
  return listen(app, tls);
};

const onExpress = ({ sessions, tls, trusts }: Site) => {
  const app = express();
  app.set("env", "test"); // prints no errors
  app.set("trust proxy", trusts);
  app.use(sessionMiddleware(sessions));
  app.use(async (request, response) => void response.send(await visit(request.path, request.session)));
  return listen(app, tls);
};

const onFastify = async ({ sessions, tls, trusts }: Site) => {
  const app = Fastify({ https: tls ? TLS : null, trustProxy: trusts });
  undo.push(() => app.close());
  await app.register(sessionPlugin(sessions));
  app.all("*", (request) => visit(request.url, request.session));
  return Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port);
};

const onKoa = ({ sessions, tls, trusts }: Site) => {
  const app = new Koa<Koa.DefaultState, SessionContext>({ proxy: trusts });
  app.silent = true;
  app.use(koaSession(sessions));
  app.use(async (context) => {
    context.body = await visit(context.path, context.session);
  });
  return listen(app.callback(), tls);
};

const onHono = ({ sessions, tls }: Site) => {
  const app = new Hono<{ Variables: SessionVariables }>();
  app.onError((_, context) => context.text("Internal Server Error", 500)); // prints no errors
  app.use(honoSession(sessions));
  app.all("*", async ({ req, var: { session }, text }) => text(await visit(req.path, session)));
  return serveFetch(app.fetch, tls);
};

const onFetch = ({ sessions, tls }: Site) => {
  const answer = withSession(
    sessions,
    async ({ url }, { session }) => new Response(await visit(new URL(url).pathname, session)),
  );
  return serveFetch((request) => answer(request).catch(() => new Response("", { status: 500 })), tls);
};

function serveFetch(
  fetch: (request: Request) => Response | Promise<Response>,
  tls: boolean,
): Promise<number> {
  return new Promise((resolve) => {
    const secure = tls ? { createServer: createHttps, serverOptions: TLS } : {};
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1", ...secure }, ({ port }) => resolve(port));
    undo.push(() => server.close());
  });
}

/** Each adapter, and whether its framework has an option that makes it believe a proxy. */
const FRAMEWORKS: [string, (site: Site) => number | Promise<number>, hasTrust: boolean][] = [
  ["node:http", onNode, false],
  ["Connect", onConnect, false],
  ["Express", onExpress, true],
  ["Fastify", onFastify, true],
  ["Koa", onKoa, true],
  ["Hono", onHono, false],
  ["a fetch handler", onFetch, false],
];

interface Seen {
  status: number;
  body: string;
  line: string | undefined;
}

/** A browser: what it is sent goes through a jar that keeps to RFC 6265bis. */
class Browser {
  readonly #jar = new CookieJar(undefined, { prefixSecurity: "strict" });
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The names of the cookies that it holds. */
  async held(): Promise<string[]> {
    return (await this.#jar.getCookies(this.#origin)).map(({ key }) => key);
  }

  async ask(path: string, headers: Record<string, string> = {}): Promise<Seen> {
    const url = this.#origin + path;
    const cookie = await this.#jar.getCookieString(url);
    const seen = await send(url, { ...headers, ...(cookie === "" ? {} : { cookie }) });
    if (seen.line !== undefined) await this.#jar.setCookie(seen.line, url);
    return seen;
  }
}

function send(url: string, headers: Record<string, string>): Promise<Seen> {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const options = { headers, agent: false, rejectUnauthorized: false };
    request(url, options, async (response) => {
      const status = response.statusCode ?? 0;
      const body = (await response.toArray()).join("");
      resolve({ status, body, line: response.headers["set-cookie"]?.[0] });
    })
      .on("error", reject)
      .end();
  });
}

describe.each(FRAMEWORKS)("%s", (_, start, hasTrust) => {
  async function open(
    settings: Partial<SettingsInput>,
    { tls = false, trusts = false }: Partial<Site> = {},
  ): Promise<Browser> {
    const sessions = sessionsOn(cache(memory()), settings);
    return new Browser(`${tls ? "https" : "http"}://127.0.0.1:${await start({ sessions, tls, trusts })}`);
  }

  it.each([true, false])(
    'with "auto", a login lasts until the logout, and is Secure over https (%s)',
    async (tls) => {
      const browser = await open({ cookieSecure: "auto" }, { tls });
      expect((await browser.ask("/in")).line?.includes("; Secure")).toBe(tls);
      expect((await browser.ask("/")).body).toBe("ada");
      expect(await browser.held()).toEqual(["sessionid"]);
      await browser.ask("/out");
      expect(await browser.held()).toEqual([]);
    },
  );

  it("believes X-Forwarded-Proto only if its framework does", async () => {
    const forwarded = { "X-Forwarded-Proto": "https" };
    const wary = await open({ cookieSecure: "auto" });
    expect((await wary.ask("/in", forwarded)).line).not.toContain("Secure");
    const trusting = await open({ cookieSecure: "auto" }, { trusts: true });
    expect((await trusting.ask("/in", forwarded)).line?.includes("; Secure")).toBe(hasTrust);
  });

  it("asks cookieSameSite with its framework's request, and None is Secure, too", async () => {
    const isFramed = (request: object) => {
      const headers: unknown = Reflect.get(request, "headers");
      const header =
        headers instanceof Headers ? headers.get("sec-fetch-dest") : Object(headers)["sec-fetch-dest"];
      return header === "iframe";
    };
    const browser = await open({ cookieSameSite: (request) => (isFramed(request) ? "None" : "Lax") });
    expect((await browser.ask("/in")).line).toMatch(/; SameSite=Lax$/);
    expect((await browser.ask("/in", { "Sec-Fetch-Dest": "iframe" })).line).toMatch(
      /; SameSite=None; Secure$/,
    );
    expect((await browser.ask("/out", { "Sec-Fetch-Dest": "iframe" })).line).toMatch(
      /^sessionid="".*; SameSite=None; Secure$/,
    );
  });

  it("answers with a 500, and stores nothing, if cookieSameSite returns something else", async () => {
    let answer = "Sometimes";
    const browser = await open({ cookieSameSite: () => answer as "Lax" });
    expect(await browser.ask("/in")).toMatchObject({ status: 500, line: undefined });
    expect(await browser.ask("/")).toMatchObject({ status: 200, body: "undefined" });
    answer = "Lax";
    await browser.ask("/in");
    answer = "Sometimes";
    expect(await browser.ask("/out")).toMatchObject({ status: 500, line: undefined });
    answer = "Lax";
    expect((await browser.ask("/")).body).toBe("undefined");
  });

  it("deletes a partitioned cookie", async () => {
    const browser = await open(
      { cookiePartitioned: true, cookieSecure: true, cookieSameSite: "None" },
      { tls: true },
    );
    expect((await browser.ask("/in")).line).toMatch(/; Partitioned; Path=\/; SameSite=None; Secure$/);
    expect((await browser.ask("/")).body).toBe("ada");
    expect((await browser.ask("/out")).line).toMatch(
      /; Max-Age=0; Partitioned; Path=\/; SameSite=None; Secure$/,
    );
    expect(await browser.held()).toEqual([]);
  });
});

it("what cookieOf returns fits a framework's own function, also for a signed session", async () => {
  const sessions = sessionsOn(signedCookies(), { cookieAge: 60 });
  const app = new Hono<{ Variables: SessionVariables }>();
  app.get("/adapter", honoSession(sessions), ({ var: { session }, text }) => text(String(session["user"])));
  app.get("*", async (context) => {
    const session = sessions.open(sessions.keyOf(getCookie(context, "sessionid") ?? ""));
    const body = await visit(context.req.path, session);
    if (context.req.path === "/in") await session.save();
    const { name, value, options } = cookieOf(sessions, session);
    setCookie(context, name, value, options);
    return context.text(body);
  });
  const browser = new Browser(`http://127.0.0.1:${await serveFetch(app.fetch, false)}`);
  const { line } = await browser.ask("/in");
  expect(line).toMatch(
    /^sessionid=[\w-]+%3A\w+%3A[\w-]+; Max-Age=60; Path=\/; Expires=[^;]+GMT; HttpOnly; SameSite=Lax$/,
  );
  expect((await browser.ask("/")).body).toBe("ada");
  expect((await browser.ask("/adapter")).body).toBe("ada");
  await browser.ask("/out");
  expect((await browser.ask("/adapter")).body).toBe("undefined");
});

it.each(["http", "https"])('with "auto", %s over HTTP/2 is told apart, too', async (scheme) => {
  const listener = withSessions(
    sessionsOn(cache(memory()), { cookieSecure: "auto" }),
    ({ session }, response) => {
      session["user"] = "ada";
      response.end();
    },
  );
  const server = scheme === "https" ? createSecureServer(TLS, listener) : createHttp2(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const client = connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  undo.push(
    () => server.close(),
    () => client.destroy(),
  );
  const stream = client.request({ ":path": "/" });
  const head = await new Promise<Record<string, unknown>>((resolve) => stream.once("response", resolve));
  expect(String(head["set-cookie"]).includes("; Secure")).toBe(scheme === "https");
});
