/** One app on every framework whose requests have two sessions: a site's, and its administrators'. */
import { serve } from "@hono/node-server";
import connect from "connect";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import type { Session, Sessions } from "session-bridge";
import { type RequestWithSession as FastifyRequestWithSession, sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as honoSession, type SessionVariables, withSession } from "session-bridge/fetch";
import { sessionMiddleware as koaSession, type SessionContext } from "session-bridge/koa";
import { type RequestWithSession, sessionMiddleware, withSessions } from "session-bridge/node";
import type { Served } from "./adapter.ts";
import { serveListener } from "./node-adapters.ts";

/** A page: what it does with the sessions, and its text. */
export type TwoPage = (site: Session, admin: Session) => unknown;

/** The app's sessions, and its pages by path. */
export interface TwoApp {
  site: Sessions;
  admin: Sessions;
  pages: Record<string, TwoPage>;
  /** The name of the second session. Default `adminSession`. */
  as?: string;
}

/** A served app, and the messages of the errors that its framework was given. */
export interface TwoServed extends Served {
  errors: string[];
}

export interface TwoFramework {
  name: string;
  serve(app: TwoApp): Promise<TwoServed>;
}

type Two = RequestWithSession<Record<string, unknown>, "adminSession">;

const run = async ({ pages }: TwoApp, path: string, site: Session, admin: Session) =>
  String((await pages[path]?.(site, admin)) ?? "");
const pathOf = (url = "/") => url.split("?", 1)[0] ?? "/";

const node: TwoFramework = {
  name: "node:http",
  async serve(app) {
    const errors: string[] = [];
    const { as = "adminSession" } = app;
    const log = (line: string) => errors.push(line);
    const admin = { ...app.admin, log };
    const inner = withSessions(
      admin,
      async (request, response) => {
        const both = request as unknown as Record<string, Session>; // one name is only known when it runs
        response.end(await run(app, pathOf(request.url), both["session"] as Session, both[as] as Session));
      },
      { as: as as "adminSession" },
    );
    return { ...(await serveListener(withSessions({ ...app.site, log }, inner))), errors };
  },
};

const onConnect: TwoFramework = {
  name: "Connect",
  async serve(app) {
    const errors: string[] = [];
    const server = connect();
    server.use(sessionMiddleware(app.site));
    server.use(sessionMiddleware(app.admin, { as: app.as ?? "adminSession" }));
    server.use((request, response, next) => {
      const { session, adminSession } = request as Two as Two & { session: Session };
      run(app, pathOf(request.url), session, adminSession as Session).then(
        (text) => response.end(text),
        next,
      );
    });
    server.use((error: Error, _request: unknown, _response: unknown, next: (error: Error) => void) => {
      errors.push(error.message);
      next(error);
    });
    return { ...(await serveListener(server)), errors };
  },
};

const onExpress: TwoFramework = {
  name: "Express",
  async serve(app) {
    const errors: string[] = [];
    const server = express();
    server.set("env", "test"); // prints no errors
    server.use(sessionMiddleware(app.site));
    server.use(sessionMiddleware(app.admin, { as: app.as ?? "adminSession" }));
    server.use(async (request, response) => {
      const { adminSession } = request as unknown as Two;
      response.send(await run(app, request.path, request.session, adminSession as Session));
    });
    server.use((error: Error, _request: unknown, _response: unknown, next: (error: Error) => void) => {
      errors.push(error.message);
      next(error);
    });
    return { ...(await serveListener(server)), errors };
  },
};

const fastify: TwoFramework = {
  name: "Fastify",
  async serve(app) {
    const errors: string[] = [];
    const server = Fastify();
    server.addHook("onError", async (_request, _reply, error) => void errors.push(error.message));
    await server.register(sessionPlugin(app.site));
    await server.register(sessionPlugin(app.admin, { as: app.as ?? "adminSession" }));
    for (const path of Object.keys(app.pages)) {
      server.get(path, async (request) => {
        const { adminSession } = request as FastifyRequestWithSession<object, "adminSession">;
        return run(app, path, request.session, adminSession as Session);
      });
    }
    const address = new URL(await server.listen({ port: 0, host: "127.0.0.1" }));
    const close = async () => {
      server.server.closeAllConnections();
      await server.close();
    };
    return { port: Number(address.port), close, errors };
  },
};

const koa: TwoFramework = {
  name: "Koa",
  async serve(app) {
    const errors: string[] = [];
    const server = new Koa<Koa.DefaultState, SessionContext & SessionContext<object, "adminSession">>();
    server.on("error", (error: Error) => void errors.push(error.message));
    server.use(koaSession(app.site));
    server.use(koaSession(app.admin, { as: app.as ?? "adminSession" }));
    server.use(async (context) => {
      context.body = await run(app, context.path, context.session, context.adminSession as Session);
    });
    return { ...(await serveListener(server.callback())), errors };
  },
};

const hono: TwoFramework = {
  name: "Hono",
  async serve(app) {
    const errors: string[] = [];
    const server = new Hono<{ Variables: SessionVariables & SessionVariables<object, "adminSession"> }>();
    server.onError((error, context) => {
      errors.push(error.message);
      return "getResponse" in error ? error.getResponse() : context.text("Internal Server Error", 500);
    });
    server.use(honoSession(app.site));
    server.use(honoSession(app.admin, { as: app.as ?? "adminSession" }));
    server.get("*", async (context) =>
      context.text(
        await run(app, context.req.path, context.get("session"), context.get("adminSession") as Session),
      ),
    );
    return { ...(await serveFetch(server.fetch)), errors };
  },
};

const bareFetch: TwoFramework = {
  name: "a fetch handler",
  async serve(app) {
    const errors: string[] = [];
    const log = (line: string) => errors.push(line);
    const handle = withSession(
      { ...app.site, log },
      withSession(
        { ...app.admin, log },
        async (request, { session: admin }, { session: site }: { session: Session }) =>
          new Response(await run(app, new URL(request.url).pathname, site, admin)),
      ),
    );
    const safely = (request: Request) =>
      handle(request).catch((error: Error) => {
        errors.push(error.message);
        return new Response("Internal Server Error", { status: 500 });
      });
    return { ...(await serveFetch(safely)), errors };
  },
};

function serveFetch(fetch: (request: Request) => Response | Promise<Response>): Promise<Served> {
  return new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
      resolve({ port, close: () => new Promise((done) => void server.close(() => done())) });
    });
  });
}

export const TWO_FRAMEWORKS: readonly TwoFramework[] = [
  node,
  onConnect,
  onExpress,
  fastify,
  koa,
  hono,
  bareFetch,
];
