/** Handlers that use Node's response directly: `writeHead` in all its forms, `flushHeaders`, pipes, double ends. */
import { Readable } from "node:stream";
import { cache, type Engine } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import type { RawPage, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { Visitor } from "./client.ts";
import { asyncEngine, failingEngine, sessionsOn } from "./stores.ts";

const OURS = expect.stringMatching(/^sessionid=[a-z0-9]{32}; HttpOnly; Path=\/; SameSite=Lax$/);

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS.filter(({ hasRaw }) => hasRaw))("Node's own response on $name", (adapter) => {
  async function visit(page: RawPage, engine: Engine = cache("memory:")): Promise<Visitor> {
    const pages = {
      "/read": ({ session }: { session: { get(key: string): unknown } }) => ({
        body: String(session.get("n")),
      }),
    };
    served = await adapter.serve({ sessions: sessionsOn(engine), pages, raw: { "/": page } });
    return new Visitor(served.port);
  }

  it.each([
    ["an object", { Location: "/read", "Set-Cookie": ["a=1", "b=2"], Vary: "Accept" }],
    ["a flat list", ["Location", "/read", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "Vary", "Accept"]],
    [
      "pairs",
      [
        ["Location", "/read"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["Vary", "Accept"],
      ],
    ],
  ])("keeps the headers that writeHead takes as %s", async (_form, headers) => {
    const visitor = await visit(({ session }, response) => {
      session["n"] = 1;
      response.setHeader("X-Before", "kept");
      response.setHeader("Vary", "replaced by writeHead");
      response.writeHead(303, "See there", headers as string[]); // Node takes all three forms
      response.end();
    });
    const seen = await visitor.ask("/");
    expect(seen.status).toBe(303);
    expect([seen.get("location"), seen.get("x-before"), seen.get("vary")]).toEqual([
      "/read",
      "kept",
      "Accept, Cookie",
    ]);
    expect(seen.all("set-cookie")).toEqual(["a=1", "b=2", OURS]);
    expect((await visitor.ask("/read")).body).toBe("1");
  });

  it("stores what is changed between writeHead and the first byte", async () => {
    const visitor = await visit(({ session }, response) => {
      response.writeHead(200, { "Content-Type": "text/plain" });
      session["n"] = 5;
      response.end("ok");
    });
    expect((await visitor.ask("/")).body).toBe("ok");
    expect((await visitor.ask("/read")).body).toBe("5");
  });

  it("says that the headers are sent from the first byte on, as Node does", async () => {
    const seen: unknown[] = [];
    const visitor = await visit(({ session }, response) => {
      session["n"] = 1;
      seen.push(response.headersSent);
      response.write("one ");
      seen.push(response.headersSent);
      for (const change of [() => response.setHeader("X-Late", "1"), () => response.writeHead(500)]) {
        try {
          change();
        } catch (error) {
          seen.push(error instanceof Error && "code" in error ? error.code : error);
        }
      }
      response.end("two");
      response.end("three");
    }, asyncEngine());
    const answer = await visitor.ask("/");
    expect(seen).toEqual([false, true, "ERR_HTTP_HEADERS_SENT", "ERR_HTTP_HEADERS_SENT"]);
    expect([answer.status, answer.body, answer.get("x-late")]).toEqual([200, "one two", undefined]);
  });

  it("stores a change that is made in the arguments of the call that ends the response", async () => {
    const visitor = await visit((given, response) => {
      const write = () => {
        given.session["n"] = 9;
        return "ok";
      };
      response.end(write());
    });
    expect((await visitor.ask("/")).body).toBe("ok");
    expect((await visitor.ask("/read")).body).toBe("9");
  });

  it("refuses an invalid status immediately, as Node does", async () => {
    const visitor = await visit((_given, response) => {
      try {
        response.writeHead(99);
      } catch (error) {
        response.end(error instanceof RangeError ? "refused" : "wrong error");
      }
    });
    expect((await visitor.ask("/")).body).toBe("refused");
  });

  it("holds a pipe back, and sends all of it afterwards", async () => {
    const parts = Array.from({ length: 50 }, (_, index) => `${index},`.repeat(1000));
    const visitor = await visit(({ session }, response) => {
      session["n"] = 1;
      Readable.from(parts).pipe(response);
    }, asyncEngine());
    const seen = await visitor.ask("/");
    expect(seen.body).toBe(parts.join(""));
    expect(seen.all("set-cookie")).toEqual([OURS]);
  });

  it("sends only the headers with flushHeaders, after the session is stored", async () => {
    const visitor = await visit(({ session }, response) => {
      session["n"] = 3;
      response.flushHeaders();
      response.end("later");
    });
    const seen = await visitor.ask("/");
    expect([seen.body, seen.all("set-cookie")]).toEqual(["later", [OURS]]);
  });

  it("answers 500 without the handler's headers when the store fails", async () => {
    const visitor = await visit(({ session }, response) => {
      session["n"] = 1;
      response.writeHead(200, { "X-Own": "1" });
      response.end("secret");
    }, failingEngine().engine);
    const seen = await visitor.ask("/");
    expect([seen.status, seen.get("x-own"), seen.body.includes("secret")]).toEqual([500, undefined, false]);
  });
});
