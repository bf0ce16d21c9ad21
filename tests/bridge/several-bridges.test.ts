/** Several bridges in one app, one bridge used twice, and one after the session middleware. */
import { createServer, type RequestListener } from "node:http";
import { createSessions, database, type Sessions } from "session-bridge";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { expressSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { portOf, Visitor } from "./site.ts";
import { listen } from "./stream.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A site whose handler creates a session, behind the middleware that `arrange` adds. */
async function start(
  arrange: (own: Bridge, sessions: Sessions, app: RequestListener) => RequestListener,
  log?: (line: string) => void,
) {
  const sessions = createSessions({
    secretKey: "a secret for tests, fifty characters long, no more no less",
    engine: database("sqlite::memory:"),
    log: () => {},
  });
  await sessions.migrate();
  const own = open(sessions, log);
  const app: RequestListener = (request, response) => {
    request.session.set("user_id", 123);
    response.end("ok");
  };
  const server = createServer(arrange(own, sessions, app));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => sessions.close());
  closers.push(() => server.close().closeAllConnections());
  return { origin: `http://127.0.0.1:${portOf(server)}` };
}

function open(target: Parameters<typeof openBridge>[0], log: (line: string) => void = () => {}): Bridge {
  const bridge = openBridge(target, { enabled: true, env: {}, log });
  closers.push(() => bridge.close());
  return bridge;
}

/** The response to a visit, and the traces that the visitor's panel receives. */
async function visit(site: { origin: string }) {
  const visitor = new Visitor(site);
  const { text, traceId } = await visitor.visit("/");
  const stream = await listen(site, { cookies: [visitor.cookie], ids: [traceId] });
  closers.push(() => stream.close());
  const trace = await stream.trace("/");
  return { text, named: trace.id === traceId, trace };
}

describe("a bridge", () => {
  it("does not touch responses that another bridge of the app traces, and the first names the trace", async () => {
    const site = await start((own, sessions, app) => {
      const other = open(expressSession({ secret: "another library's" }));
      const withSession = sessionMiddleware(sessions);
      return (request, response) =>
        own(request, response, () =>
          other(request, response, () => withSession(request, response, () => app(request, response))),
        );
    });
    expect(await visit(site)).toMatchObject({
      text: "ok",
      named: true,
      trace: { changes: [{ key: "user_id" }] },
    });
  });

  it("that comes after another says once that the tab does not show it, and the first says nothing", async () => {
    const lines: string[] = [];
    const own: string[] = [];
    const site = await start(
      (first, sessions, app) => {
        const second = open(expressSession({ secret: "another library's" }), (line) => lines.push(line));
        const withSession = sessionMiddleware(sessions);
        return (request, response) =>
          first(request, response, () =>
            second(request, response, () => withSession(request, response, () => app(request, response))),
          );
      },
      (line) => own.push(line),
    );
    await visit(site);
    await visit(site);
    const isAbout = (line: string) => line.includes("another bridge");
    expect(lines.filter(isAbout)).toEqual([
      "[session-bridge] the Sessions tab does not show this bridge for sessions of express-session: another bridge of this app comes before it and answers. To see this one instead, put it first.",
    ]);
    expect(own.filter(isAbout)).toEqual([]);
  });

  it("that answers at other addresses says nothing if another comes before it at some", async () => {
    const lines: string[] = [];
    const site = await start((first, sessions, app) => {
      const second = open(sessions, (line) => lines.push(line));
      const withSession = sessionMiddleware(sessions);
      return (request, response) => {
        const next = () =>
          second(request, response, () => withSession(request, response, () => app(request, response)));
        if (request.url?.startsWith("/admin")) first(request, response, next);
        else next();
      };
    });
    const visitor = new Visitor(site);
    await visitor.visit("/");
    await visitor.visit("/admin");
    expect(lines.filter((line) => line.includes("another bridge"))).toEqual([]);
  });

  it("that is in the app twice traces each request once, and is not another bridge", async () => {
    const lines: string[] = [];
    const site = await start(
      (own, sessions, app) => {
        const withSession = sessionMiddleware(sessions);
        return (request, response) =>
          own(request, response, () =>
            withSession(request, response, () => own(request, response, () => app(request, response))),
          );
      },
      (line) => lines.push(line),
    );
    expect(await visit(site)).toMatchObject({
      text: "ok",
      named: true,
      trace: { changes: [{ key: "user_id" }] },
    });
    expect(lines.filter((line) => line.includes("another bridge"))).toEqual([]);
  });

  it("that comes after the session middleware still traces its sessions", async () => {
    const site = await start((own, sessions, app) => {
      const withSession = sessionMiddleware(sessions);
      return (request, response) =>
        withSession(request, response, () => own(request, response, () => app(request, response)));
    });
    expect(await visit(site)).toMatchObject({
      text: "ok",
      named: true,
      trace: { changes: [{ key: "user_id" }] },
    });
  });
});
