/** A second `sessionMiddleware` on one request, and what Node refuses in a held response. */
import type { ServerResponse } from "node:http";
import express from "express";
import Koa from "koa";
import { sessionMiddleware as koaSession } from "session-bridge/koa";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { ask, Visitor } from "./client.ts";
import { serveListener } from "./node-adapters.ts";
import { asyncEngine, sessionsOn } from "./stores.ts";

let served: Served | undefined;
afterEach(() => served?.close());

describe("sessionMiddleware, used twice for a request", () => {
  it("stores what a handler below the second one wrote", async () => {
    const sessions = sessionsOn(asyncEngine());
    const app = express();
    app.use(sessionMiddleware(sessions));
    app.use(sessionMiddleware(sessions));
    app.get("/write", ({ session }, response) => {
      session["n"] = 1;
      response.end();
    });
    app.get("/read", ({ session }, response) => void response.end(String(session["n"])));
    served = await serveListener(app);
    const visitor = new Visitor(served.port);
    await visitor.ask("/write");
    expect((await visitor.ask("/read")).body).toBe("1");
  });

  it("stores it on Koa, too", async () => {
    const sessions = sessionsOn(asyncEngine());
    const app = new Koa();
    app.use(koaSession(sessions));
    app.use(koaSession(sessions));
    app.use((context) => {
      const { session } = context as unknown as { session: Record<string, unknown> }; // typed by neither
      if (context.path === "/write") session["n"] = 1;
      context.body = String(session["n"]);
    });
    served = await serveListener(app.callback());
    const visitor = new Visitor(served.port);
    await visitor.ask("/write");
    expect((await visitor.ask("/read")).body).toBe("1");
  });

  it("is an error if the second has other sessions, which could not be stored", async () => {
    const errors: unknown[] = [];
    const first = sessionMiddleware(sessionsOn(asyncEngine()));
    const second = sessionMiddleware(sessionsOn(asyncEngine()));
    served = await serveListener((request, response) =>
      first(request, response, () =>
        second(request, response, (error) => {
          errors.push(error);
          response.end();
        }),
      ),
    );
    await ask(served.port, "/");
    expect(errors).toEqual([expect.objectContaining({ code: "settings" })]);
  });
});

describe("what Node refuses in a held response", () => {
  it.each([
    ["a body that is none", (response: ServerResponse) => response.end(123 as unknown as string)],
    [
      "a status that is none",
      (response: ServerResponse) => {
        response.statusCode = 99;
        response.end("x");
      },
    ],
  ])("is a 500 with Node's own message: %s", async (_what, answer) => {
    const lines: string[] = [];
    const sessions = { ...sessionsOn(asyncEngine()), log: (line: string) => lines.push(line) };
    served = await serveListener(
      withSessions(sessions, ({ session }, response) => {
        session["n"] = 1;
        response.statusMessage = "Fine";
        answer(response);
      }),
    );
    const seen = await ask(served.port, "/");
    expect([seen.status, seen.body, lines.length]).toEqual([500, "Internal Server Error\n", 1]);
  });

  it("is refused immediately if writeHead gets a header without a value", async () => {
    served = await serveListener(
      withSessions(sessionsOn(asyncEngine()), (_request, response) => {
        response.writeHead(200, { "X-Own": undefined });
        response.end();
      }),
    );
    expect((await ask(served.port, "/")).status).toBe(500);
  });
});
