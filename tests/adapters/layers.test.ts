/** What layers above and below a held response see: the headers once, in Node's order, and how Node frames the body. */
import type { ServerResponse } from "node:http";
import { withSessions } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { exchangeBytes, Visitor } from "./client.ts";
import { ENGINES, type Layer, serve } from "./held-site.ts";
import { serveListener } from "./node-adapters.ts";
import { sessionsOn } from "./stores.ts";

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

async function visit(...site: Parameters<typeof serve>): Promise<Visitor> {
  served = await serve(...site);
  return new Visitor(served.port);
}

/** Counts the calls of `writeHead`, and records the status that the response had. */
function watchHead(seen: unknown[]): Layer {
  return (response) => {
    const { writeHead } = response;
    response.writeHead = function watch(this: ServerResponse, ...args: unknown[]) {
      seen.push(args[0] ?? "nothing");
      return Reflect.apply(writeHead, this, args);
    } as typeof writeHead; // takes and gives what the original does
  };
}

describe.each(ENGINES)("layers on a response, with %s", (_name, make) => {
  it.each([
    ["end", (response: ServerResponse) => response.end("x")],
    ["write", (response: ServerResponse) => [response.write("x"), response.end()]],
    ["flushHeaders", (response: ServerResponse) => [response.flushHeaders(), response.end("x")]],
    ["writeHead", (response: ServerResponse) => response.writeHead(200).end("x")],
  ])("see the headers once, above and below, when it begins with %s", async (_call, send) => {
    const above: unknown[] = [];
    const below: unknown[] = [];
    const visitor = await visit(
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

  it("above may still change session, status and headers when the first byte is about to be sent", async () => {
    const visitor = await visit(make(), (_session, response) => response.end("x"), {
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

  it("that throw when the headers are fixed throw in the handler, as in Node", async () => {
    const heard: unknown[] = [];
    const visitor = await visit(
      make(),
      (session, response) => {
        session["n"] = 1;
        try {
          response.end("x");
        } catch (error) {
          heard.push(error);
          response.writeHead(418);
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
    expect(seen.get("content-length")).toBeUndefined(); // as after each writeHead
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
    ["two writes", (response) => [response.write("hel"), response.write("l"), response.end("o")]],
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
