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
async function start(arrange: (own: Bridge, sessions: Sessions, app: RequestListener) => RequestListener) {
  const sessions = createSessions({
    secretKey: "a secret for tests, fifty characters long, no more no less",
    engine: database("sqlite::memory:"),
    log: () => {},
  });
  await sessions.migrate();
  const own = open(sessions);
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

function open(target: Parameters<typeof openBridge>[0]): Bridge {
  const bridge = openBridge(target, { enabled: true, env: {}, log: () => {} });
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

  it("that is in the app twice traces each request once", async () => {
    const site = await start((own, sessions, app) => {
      const withSession = sessionMiddleware(sessions);
      return (request, response) =>
        own(request, response, () =>
          withSession(request, response, () => own(request, response, () => app(request, response))),
        );
    });
    expect(await visit(site)).toMatchObject({
      text: "ok",
      named: true,
      trace: { changes: [{ key: "user_id" }] },
    });
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
