/** How a held response keeps Node's contract: who may continue to write, what is refused, what comes too late. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, createServer, type Http2ServerResponse } from "node:http2";
import { PassThrough, Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { cache, type Session } from "session-bridge";
import { sessionMiddleware, withSessions } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { Visitor } from "./client.ts";
import { ENGINES, type Layer, serve } from "./held-site.ts";
import { serveListener } from "./node-adapters.ts";
import { asyncEngine, gatedEngine, sessionsOn } from "./stores.ts";

const undo: (() => unknown)[] = [];

let served: Served | undefined;
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await served?.close();
  served = undefined;
});

async function visit(...site: Parameters<typeof serve>): Promise<Visitor> {
  served = await serve(...site);
  return new Visitor(served.port);
}

/** A layer that moves drain listeners to its own stream, which has room even if Node's response has not. */
const roomy: Layer = (response) => {
  const moved = new PassThrough();
  const { on, write } = response;
  response.on = ((name: string, listener: () => void) =>
    name === "drain" ? moved.on(name, listener) : on.call(response, name, listener)) as typeof on; // one of its forms
  response.write = ((chunk: string) => {
    write.call(response, chunk, "utf8");
    return true;
  }) as typeof write; // as above
};

describe("a writer that is told to wait", () => {
  it("is told to wait from the high-water mark on, by write and by writableNeedDrain, as in Node", async () => {
    const said: unknown[] = [];
    const visitor = await visit(asyncEngine(), (session, response) => {
      session["n"] = 1;
      said.push(response.write("little,"), response.writableNeedDrain);
      said.push(
        response.write(Buffer.alloc(response.writableHighWaterMark, "x")),
        response.writableNeedDrain,
      );
      response.addListener("drain", () => response.end(",end")); // not by `on`, which a layer may have patched
    });
    expect((await visitor.ask("/")).body).toMatch(/^little,x+,end$/);
    expect(said).toEqual([true, false, false, true]);
  });

  it("gets drain even if a layer below has moved its listeners", async () => {
    const visitor = await visit(
      asyncEngine(),
      (session, response) => {
        session["n"] = 1;
        response.write("x".repeat(response.writableHighWaterMark));
        response.once("drain", () => response.end(",end"));
      },
      { below: roomy },
    );
    expect((await visitor.ask("/")).body).toMatch(/^x+,end$/);
  });

  it("and throws in its drain listener ends its connection, not the process", async () => {
    const visitor = await visit(
      asyncEngine(),
      (session, response) => {
        session["n"] = 1;
        response.write("x".repeat(response.writableHighWaterMark));
        response.once("drain", () => {
          throw new Error("out of ink");
        });
      },
      { below: roomy },
    );
    await expect(visitor.ask("/")).rejects.toThrow();
    await expect(visitor.ask("/")).rejects.toThrow(); // it still exists
  });

  it.each(ENGINES)("loses nothing as a web stream, with %s", async (_name, make) => {
    const parts = ["a", "b", "c", "d"].map((letter) => Buffer.from(letter.repeat(100_000)));
    const visitor = await visit(make(), (session, response) => {
      session["n"] = 1;
      const writable: WritableStream<Uint8Array> = Writable.toWeb(response);
      return Readable.toWeb(Readable.from(parts)).pipeTo(writable);
    });
    expect((await visitor.ask("/")).body).toBe(Buffer.concat(parts).toString());
  });
});

describe("while the store is waited for", () => {
  it("the response says that it was ended, and accepts no more", async () => {
    const said: unknown[] = [];
    const visitor = await visit(asyncEngine(), async (session, response) => {
      session["n"] = 1;
      response.end("first");
      said.push(response.writableEnded, response.headersSent);
      const failed = await new Promise((resolve) => response.write(" late", resolve));
      said.push(failed instanceof Error);
    });
    expect((await visitor.ask("/")).body).toBe("first");
    expect(said).toEqual([true, true, true]);
  });

  it("what is set after the end, or after writeHead, changes nothing", async () => {
    const said: unknown[] = [];
    const visitor = await visit(asyncEngine(), (session, response) => {
      session["n"] = 1;
      response.setHeader("Vary", ["Accept", "Origin"]);
      response.writeHead(404);
      said.push(response.headersSent, response.statusCode);
      expect(() => response.setHeader("X-Late", "1")).toThrow();
      response.end("x");
      response.statusCode = 200;
    });
    const seen = await visitor.ask("/");
    expect([seen.status, seen.get("x-late"), seen.get("vary")]).toEqual([
      404,
      undefined,
      "Accept, Origin, Cookie",
    ]);
    expect(said).toEqual([true, 404]);
  });

  it("an invalid chunk is refused by the call itself, and the rest continues", async () => {
    const said: unknown[] = [];
    const visitor = await visit(asyncEngine(), async (session, response) => {
      session["n"] = 1;
      response.write("one,");
      try {
        response.write(undefined as unknown as string);
      } catch (error) {
        said.push(error instanceof TypeError && "code" in error && error.code);
      }
      expect(() => response.write(null as unknown as string)).toThrow(TypeError);
      response.write("two,", () => said.push("two is written"));
      await new Promise<void>((resolve) => response.end("three", resolve));
      said.push("ended");
    });
    expect((await visitor.ask("/")).body).toBe("one,two,three");
    await expect.poll(() => said).toEqual(["ERR_INVALID_ARG_TYPE", "two is written", "ended"]);
  });
});

describe("a response that was sent before the session middleware ran", () => {
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
  it("says that its headers are sent from the first byte on, and accepts none after that", async () => {
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

  it("is covered by the types of withSessions and sessionMiddleware", () => {
    const listener = withSessions(sessionsOn(cache("memory:")), () => {});
    createServer(listener);
    createServer((request, response: Http2ServerResponse) =>
      sessionMiddleware(sessionsOn(cache("memory:")))(request, response, () => {}),
    );
  });
});

describe("a stand-in for a response", () => {
  it.each([
    ["nothing at all", undefined],
    ["null", null],
    ["a number", 7],
  ])("may be %s", async (_name, stub) => {
    const request = Object.assign(Object.create(null), { method: "GET", url: "/", headers: {} });
    const middleware = sessionMiddleware(sessionsOn(asyncEngine()));
    const heard = await new Promise((resolve) =>
      middleware(request, stub as unknown as ServerResponse, resolve),
    );
    expect([heard, request.session.get("n")]).toEqual([undefined, undefined]);
  });

  it("is not changed if it has no methods", async () => {
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

  it("is distinguished from Node's response by its methods", async () => {
    const visitor = await visit(cache("memory:"), (session, response) => {
      session["n"] = 1;
      expect(() => response.writeHead(undefined as unknown as number)).toThrow(RangeError);
      response.end();
    });
    expect((await visitor.ask("/")).all("set-cookie")).toHaveLength(1);
  });
});
