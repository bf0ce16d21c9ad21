/**
 * What a held response keeps of Node's contract, whatever stands above and below it on the same response: who sees the
 * head and how often, how a body is framed, what may still be changed, what happens to calls that come too late.
 */
import { once } from "node:events";
import { ServerResponse } from "node:http";
import { connect, createServer, type Http2ServerResponse } from "node:http2";
import { text } from "node:stream/consumers";
import { cache, type Engine, type Session } from "session-bridge";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { ask, exchangeBytes, Visitor } from "./client.ts";
import { serveListener } from "./node-adapters.ts";
import { asyncEngine, failingEngine, gatedEngine, sessionsOn } from "./stores.ts";

const undo: (() => unknown)[] = [];
let served: Served | undefined;
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await served?.close();
  served = undefined;
});

type Handler = (session: Session, response: ServerResponse) => unknown;
/** Middleware, as one function over the response. */
type Layer = (response: ServerResponse) => void;

/** Serves a handler with layers that were put on the response before and after the session. */
async function serve(
  engine: Engine,
  handler: Handler,
  { below, above }: { below?: Layer; above?: Layer } = {},
): Promise<Visitor> {
  const answer = withSessions(sessionsOn(engine), ({ session }, response) => {
    above?.(response);
    return handler(session, response);
  });
  served = await serveListener((request, response) => {
    below?.(response);
    answer(request, response);
  });
  return new Visitor(served.port);
}

/** Counts the calls of `writeHead`, and notes the status that the response had. */
function watchHead(seen: unknown[]): Layer {
  return (response) => {
    const { writeHead } = response;
    response.writeHead = function watch(this: ServerResponse, ...args: unknown[]) {
      seen.push(args[0] ?? "nothing");
      return Reflect.apply(writeHead, this, args);
    } as typeof writeHead; // takes and gives what the original does
  };
}

const ENGINES: [name: string, make: () => Engine][] = [
  ["a store that answers at once", () => cache("memory:")],
  ["a store that takes time", asyncEngine],
];

describe.each(ENGINES)("layers on a response, with %s", (_name, make) => {
  it.each([
    ["end", (response: ServerResponse) => response.end("x")],
    ["write", (response: ServerResponse) => [response.write("x"), response.end()]],
    ["flushHeaders", (response: ServerResponse) => [response.flushHeaders(), response.end("x")]],
    ["writeHead", (response: ServerResponse) => response.writeHead(200).end("x")],
  ])("see the head once, above and below, when it begins with %s", async (_call, send) => {
    const above: unknown[] = [];
    const below: unknown[] = [];
    const visitor = await serve(
      make(),
      (session, response) => {
        session["n"] = 1;
        send(response);
      },
      { above: watchHead(above), below: watchHead(below) },
    );
    await visitor.ask("/");
    expect([above, below]).toEqual([[200], [200]]);
  });

  it("above may still change session, status and headers when the head is fixed for a first byte", async () => {
    const visitor = await serve(make(), (_session, response) => response.end("x"), {
      above: (response) => {
        const { writeHead } = response;
        response.writeHead = function late(this: ServerResponse, ...args: unknown[]) {
          this.setHeader("X-Late", "1");
          return Reflect.apply(writeHead, this, [202, ...args.slice(1)]);
        } as typeof writeHead; // as above
      },
    });
    const seen = await visitor.ask("/");
    expect([seen.status, seen.get("x-late")]).toEqual([202, "1"]);
  });

  it("that throw when the head is fixed are heard by the handler, as Node lets it hear them", async () => {
    const heard: unknown[] = [];
    const visitor = await serve(
      make(),
      (session, response) => {
        session["n"] = 1;
        try {
          response.end("x");
        } catch (error) {
          heard.push(error);
          response.statusCode = 418;
          response.end("caught");
        }
      },
      {
        above: (response) => {
          const { writeHead } = response;
          response.writeHead = () => {
            response.writeHead = writeHead;
            throw new Error("out of ink");
          };
        },
      },
    );
    const seen = await visitor.ask("/");
    expect([seen.status, seen.body, heard]).toEqual([418, "caught", [new Error("out of ink")]]);
  });
});

describe("framing", () => {
  const bodies: [name: string, (response: ServerResponse) => void][] = [
    ["one end", (response) => void response.end("hello")],
    ["writeHead and end", (response) => void response.writeHead(200, { "X-A": "1" }).end("hello")],
    [
      "writeHead with a length",
      (response) => void response.writeHead(200, { "Content-Length": 5 }).end("hello"),
    ],
    ["two writes", (response) => [response.write("he"), response.write("l"), response.end("lo")]],
    ["flushHeaders first", (response) => [response.flushHeaders(), response.end("hello")]],
    ["no body", (response) => void response.end()],
    ["204", (response) => void response.writeHead(204).end()],
    ["304", (response) => void response.writeHead(304, { ETag: '"a"' }).end()],
  ];
  const requests = ["GET / HTTP/1.1", "HEAD / HTTP/1.1", "GET / HTTP/1.0"];

  it.each(ENGINES)("is Node's own, with %s", async (_name, make) => {
    for (const [name, send] of bodies) {
      for (const line of requests) {
        const bytesOf = async (handler: (response: ServerResponse) => void, held: boolean) => {
          const listener = withSessions(sessionsOn(make()), ({ session }, response) => {
            session["n"] = 1;
            handler(response);
          });
          const one = await serveListener(held ? listener : (_request, response) => handler(response));
          try {
            return await exchangeBytes(one.port, `${line}\r\nHost: a\r\nConnection: close\r\n\r\n`);
          } finally {
            await one.close();
          }
        };
        const date = /^Date: .*\r\n/m;
        const session = /^(Set-Cookie: sessionid=.*|Vary: Cookie)\r\n/gm;
        const plain = (await bytesOf(send, false)).replace(date, "");
        const held = (await bytesOf(send, true)).replace(date, "");
        expect(held, `${name}, ${line}`).toMatch(session);
        expect(held.replace(session, ""), `${name}, ${line}`).toBe(plain);
      }
    }
  });
});

describe("a writer that is told to wait", () => {
  it("hears drain on the response alone, when its listener was added without `on`", async () => {
    const visitor = await serve(asyncEngine(), (session, response) => {
      session["n"] = 1;
      expect(response.write("one ")).toBe(false);
      response.addListener("drain", () => response.end("two"));
    });
    expect((await visitor.ask("/")).body).toBe("one two");
  });

  it("hears it where a layer below has moved its listeners to", async () => {
    const { PassThrough } = await import("node:stream");
    const moved = new PassThrough();
    const visitor = await serve(
      asyncEngine(),
      (session, response) => {
        session["n"] = 1;
        response.write("one ");
        response.once("drain", () => response.end("two"));
      },
      {
        below: (response) => {
          const { on } = response;
          response.on = ((name: string, listener: () => void) =>
            name === "drain" ? moved.on(name, listener) : on.call(response, name, listener)) as typeof on; // as above
        },
      },
    );
    expect((await visitor.ask("/")).body).toBe("one two");
  });
});

describe("while the store is waited for", () => {
  it("the response says that it was ended, and takes no more", async () => {
    const said: unknown[] = [];
    const visitor = await serve(asyncEngine(), async (session, response) => {
      session["n"] = 1;
      response.end("first");
      said.push(response.writableEnded, response.headersSent);
      const failed = await new Promise((resolve) => response.write(" late", resolve));
      said.push(failed instanceof Error);
    });
    expect((await visitor.ask("/")).body).toBe("first");
    expect(said).toEqual([true, true, true]);
  });
});

describe("when the store fails", () => {
  const before: Layer = (response) => response.setHeader("Access-Control-Allow-Origin", "*");

  it("headers of before the session stay, and the handler's go", async () => {
    const visitor = await serve(
      failingEngine().engine,
      (session, response) => {
        session["n"] = 1;
        response.setHeader("Cache-Control", "public");
        response.end("secret");
      },
      { below: before },
    );
    const seen = await visitor.ask("/");
    expect([seen.status, seen.get("access-control-allow-origin"), seen.get("cache-control")]).toEqual([
      500,
      "*",
      undefined,
    ]);
  });

  it("a handler that goes on writing ends nothing", async () => {
    const done = Promise.withResolvers<unknown>();
    const visitor = await serve(failingEngine().engine, (session, response) => {
      session["n"] = 1;
      response.write("one");
      response.once("close", () => {
        response.write("two");
        response.write("three", done.resolve);
        response.end("four");
      });
    });
    expect((await visitor.ask("/")).status).toBe(500);
    expect(await done.promise).toBeInstanceOf(Error);
  });
});

describe("a response that was answered before the session came in", () => {
  it.each(ENGINES)("still lets the session be stored, with %s", async (_name, make) => {
    const middleware = sessionMiddleware(sessionsOn(make()));
    served = await serveListener((request, response) => {
      if (request.url === "/late") response.writeHead(408).end("too slow"); // as middleware with a time limit does
      middleware(request, response, () => {
        if (request.url !== "/read") request.session["path"] = request.url;
        response.end(String(request.session["path"]));
      });
    });
    const visitor = new Visitor(served.port);
    await visitor.ask("/first");
    const late = await visitor.ask("/late");
    expect([late.status, late.body, late.get("set-cookie")]).toEqual([408, "too slow", undefined]);
    await expect.poll(async () => (await visitor.ask("/read")).body).toBe("/late");
  });
});

describe("HTTP/2's response", () => {
  it("says that its head is sent from the first byte on, and takes no header then", async () => {
    const seen: unknown[] = [];
    const { engine, gate } = gatedEngine();
    const listener = withSessions(sessionsOn(engine), ({ session }, response) => {
      session["n"] = 1;
      seen.push(response.headersSent);
      response.write("one");
      seen.push(response.headersSent);
      for (const change of [
        () => response.setHeader("X-Late", "1"),
        () => response.removeHeader("X-Own"),
        () => response.writeHead(500),
      ]) {
        try {
          change();
        } catch (error) {
          seen.push(error instanceof Error && "code" in error ? error.code : error);
        }
      }
      response.end("two");
      gate.open();
    });
    const server = createServer(listener);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    undo.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const session = connect(`http://127.0.0.1:${address.port}`);
    undo.push(() => session.destroy());
    const stream = session.request({ ":path": "/" });
    const [head] = await once(stream, "response");
    expect([head[":status"], head["x-late"], head["set-cookie"]?.length]).toEqual([200, undefined, 1]);
    expect(await text(stream)).toBe("onetwo");
    const refused = "ERR_HTTP_HEADERS_SENT";
    expect(seen).toEqual([false, true, refused, refused, refused]);
  });

  it("is what withSessions and sessionMiddleware are typed for", () => {
    const listener = withSessions(sessionsOn(cache("memory:")), () => {});
    createServer(listener);
    createServer((request, response: Http2ServerResponse) =>
      sessionMiddleware(sessionsOn(cache("memory:")))(request, response, () => {}),
    );
  });
});

describe("a stand-in for a response", () => {
  it("is left as it is where it has no methods at all", async () => {
    const sessions = sessionsOn(cache("memory:"));
    const given = await new Promise<Session>((resolve, reject) => {
      const request = Object.assign(Object.create(null), { method: "GET", url: "/", headers: {} });
      const stub = {} as ServerResponse; // as socket.io's users pass it
      sessionMiddleware(sessions)(request, stub, (error) =>
        error ? reject(error) : resolve(request.session),
      );
    });
    expect(given.get("n")).toBeUndefined();
  });

  it("is told from a response of Node by what it can do", async () => {
    const visitor = await serve(cache("memory:"), (session, response) => {
      session["n"] = 1;
      expect(() => response.writeHead(undefined as unknown as number)).toThrow(RangeError);
      response.end(String(response instanceof ServerResponse));
    });
    expect((await visitor.ask("/")).body).toBe("true");
    expect((await ask(served?.port ?? 0, "/")).status).toBe(200);
  });
});
