/** What else has its hands on a response or a request: whoever compresses, and a second `sessionMiddleware`. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { createGzip, type Gzip } from "node:zlib";
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

/**
 * Compresses a response as the package `compression` does: its stream is made with the head, and takes over whoever
 * waits for `drain`.
 *
 * @source expressjs/compression index.js
 */
function compress(response: ServerResponse): void {
  const { write, end, on } = response;
  const waiting: (() => void)[] = [];
  let gzip: Gzip | null = null;
  function open(): Gzip {
    if (gzip !== null) return gzip;
    response.setHeader("Content-Encoding", "gzip");
    response.writeHead(response.statusCode);
    const stream = createGzip();
    for (const listener of waiting) stream.on("drain", listener);
    stream.on("data", (part) => void write.call(response, part, "latin1"));
    stream.on("end", () => void end.call(response, undefined, "latin1"));
    gzip = stream;
    return stream;
  }
  response.on = ((name: string, listener: () => void) => {
    if (name !== "drain") return on.call(response, name, listener);
    if (gzip !== null) return gzip.on(name, listener);
    waiting.push(listener);
    return response;
  }) as typeof on;
  response.write = ((part: string) => open().write(part)) as typeof write;
  response.end = (() => {
    open().end();
    return response;
  }) as typeof end;
}

describe("a response that is compressed outside of the sessions", () => {
  it("is piped to its end", async () => {
    const inner = withSessions(sessionsOn(asyncEngine()), ({ session }, response) => {
      session["n"] = 1;
      Readable.from(["one,", "two,", "three"]).pipe(response);
    });
    served = await serveListener((request, response) => {
      compress(response);
      inner(request, response);
    });
    const answer = await fetch(`http://127.0.0.1:${served.port}/`, { signal: AbortSignal.timeout(3000) });
    expect(await answer.text()).toBe("one,two,three");
    expect(answer.headers.get("set-cookie")).toContain("sessionid=");
  });
});

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

  it("is an error where the second has other sessions, which could not be stored", async () => {
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

describe("what Node refuses about a response that was held", () => {
  it.each([
    ["a body that is none", (response: ServerResponse) => response.end(123 as unknown as string)],
    [
      "a status that is none",
      (response: ServerResponse) => {
        response.statusCode = 99;
        response.end("x");
      },
    ],
  ])("is a 500 with its own words: %s", async (_what, answer) => {
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

  it("is refused at once where writeHead takes a header without a value", async () => {
    served = await serveListener(
      withSessions(sessionsOn(asyncEngine()), (_request, response) => {
        response.writeHead(200, { "X-Own": undefined });
        response.end();
      }),
    );
    expect((await ask(served.port, "/")).status).toBe(500);
  });
});
