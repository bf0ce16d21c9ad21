/** The types, as a strict user's compiler sees them in the installed package. Lines marked @ts-expect-error must fail. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, createProject, type Project } from "./project.ts";
import { firstExample } from "./readme.ts";

let project: Project;
beforeAll(async () => {
  project = await createProject();
}, 120_000);
afterAll(() => project?.remove());

const MY_DATA = `
  interface MyData { user_id: number; username: string; cart?: { id: number }[] }
  const sessions = createSessions<MyData>({ secretKey: "k".repeat(50), engine: cache("memory:") });`;

/** What must compile for any session of MyData. */
const USES = `
  session.user_id = 123;
  session["username"] = "john_doe";
  const id: number | undefined = session.get("user_id");
  const name: string = session.get("username", "guest");
  session.change("user_id", (user = 0) => user + 1);
  session.update({ username: "jane" });
  // @ts-expect-error a user's id is a number
  session.user_id = "123";
  // @ts-expect-error so it is for set
  session.set("user_id", "123");
  // @ts-expect-error there is no such key
  session.get("user");
  // @ts-expect-error a session may be empty
  const sure: number = session.user_id;
  // @ts-expect-error names of the API are not data
  session.keys = 1;
  export const seen = [id, name, sure];`;

describe("the installed types", () => {
  it("accept the README's first example", async () => {
    await compile(project, await firstExample());
  });

  it("accept a type for the data: createSessions<MyData>()", async () => {
    await compile(
      project,
      `import { cache, createSessions } from "session-bridge";${MY_DATA}
      const session = sessions.open();${USES}`,
    );
  });

  it("pass it to node:http and fetch handlers", async () => {
    await compile(
      project,
      `import { cache, createSessions } from "session-bridge";
      import { withSession } from "session-bridge/fetch";
      import { withSessions } from "session-bridge/node";${MY_DATA}
      export const onNode = withSessions(sessions, ({ session, url }, response) => {
        const id: number | undefined = session.user_id;
        // @ts-expect-error a user's id is a number
        session.user_id = "123";
        response.end(String(id) + url);
      });
      export const onFetch = withSession(sessions, (request, { session }) => {
        const id: number | undefined = session.user_id;
        // @ts-expect-error a user's id is a number
        session.user_id = "123";
        return new Response(String(id) + request.url);
      });`,
    );
  });

  it("accept names and types by declaration merging, for every request", async () => {
    await compile(
      project,
      `import type { Session } from "session-bridge";
      import type { IncomingMessage } from "node:http";
      declare module "session-bridge" {
        interface SessionShape { user_id: number; username: string }
        // the name until now, which counts until the next version
        interface SessionData { cart?: { id: number }[] }
      }
      import "session-bridge/node";
      declare const request: IncomingMessage;
      const session: Session = request.session;${USES}`,
    );
  });

  it("allow any key in sessions whose data are not declared", async () => {
    await compile(
      project,
      `import { cache, createSessions } from "session-bridge";
      const session = createSessions({ secretKey: "k".repeat(50), engine: cache("memory:") }).open();
      session["anything"] = { at: "all" };
      const value: unknown = session.get("anything");
      // @ts-expect-error its type is not declared
      const text: string = session.get("anything");
      export const seen = [value, text];`,
    );
  });

  it("know request.session in Express, Fastify, Koa and Hono", async () => {
    const packages = [
      "express",
      "@types/express",
      "@types/express-serve-static-core",
      "fastify",
      "koa",
      "@types/koa",
      "hono",
    ];
    const code = `import express from "express";
      import Fastify from "fastify";
      import { Hono } from "hono";
      import Koa, { type DefaultState } from "koa";
      import { cache, createSessions } from "session-bridge";
      import { openBridge } from "session-bridge/bridge";
      import { type RequestWithSession, sessionPlugin } from "session-bridge/fastify";
      import { type SessionVariables, sessionMiddleware as onHono } from "session-bridge/fetch";
      import { type SessionContext, sessionMiddleware as onKoa } from "session-bridge/koa";
      import { sessionMiddleware } from "session-bridge/node";${MY_DATA}
      const bridge = openBridge(sessions);
      express().use(bridge).use(sessionMiddleware(sessions)).get("/", (request, response) => {
        const value: unknown = request.session.get("user_id");
        response.json(value);
      });
      const fastify = Fastify();
      fastify.addHook("onRequest", bridge.fastify);
      fastify.register(sessionPlugin(sessions));
      fastify.get("/", async (request) => {
        const value: unknown = request.session.get("user_id");
        const { session } = request as unknown as RequestWithSession<MyData>;
        const id: number | undefined = session.user_id;
        return { value, id };
      });
      const koa = new Koa<DefaultState, SessionContext<MyData>>();
      koa.use(bridge.koa);
      koa.use(onKoa(sessions));
      koa.use((context) => {
        const id: number | undefined = context.session.user_id;
        // @ts-expect-error a user's id is a number
        context.session.user_id = "123";
        context.body = id;
      });
      const hono = new Hono<{ Variables: SessionVariables<MyData> }>();
      hono.use(onHono(sessions));
      hono.get("/", (context) => {
        const id: number | undefined = context.var.session.user_id;
        // @ts-expect-error a user's id is a number
        context.get("session").user_id = "123";
        return context.text(String(id));
      });`;
    expect(await compile(project, code, packages)).toBe("");
  });
});
