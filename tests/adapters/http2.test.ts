/** Sessions over HTTP/2, whose responses in Node look like those of HTTP/1 but are different. */
import { connect, createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { text } from "node:stream/consumers";
import Fastify from "fastify";
import Koa from "koa";
import { sessionPlugin } from "session-bridge/fastify";
import { sessionMiddleware as koaSession } from "session-bridge/koa";
import { withSessions } from "session-bridge/node";
import { afterEach, expect, it } from "vitest";
import { asyncEngine, sessionsOn } from "./stores.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

async function serve(listener: Listener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no port.");
  return address.port;
}

async function ask(port: number) {
  const session = connect(`http://127.0.0.1:${port}`);
  undo.push(() => session.destroy());
  const stream = session.request({ ":path": "/" });
  const head = new Promise<Record<string, unknown>>((resolve) => stream.once("response", resolve));
  const body = await text(stream);
  const { ":status": status, "set-cookie": cookies } = await head;
  return { status, cookies, body };
}

const STORED = { status: 200, cookies: [expect.stringMatching(/^sessionid=[a-z0-9]{32};/)], body: "onetwo" };

it("node:http2 holds a response that is written in parts", async () => {
  const listener = withSessions(sessionsOn(asyncEngine()), ({ session }, response) => {
    session["n"] = 1;
    response.writeHead(200, { "X-Own": "1" });
    response.write("one");
    response.end("two");
  });
  expect(await ask(await serve(listener as unknown as Listener))).toEqual(STORED); // its types know only HTTP/1
});

it("Koa holds its own response, and an error's", async () => {
  const app = new Koa();
  app.silent = true;
  app.use(koaSession(sessionsOn(asyncEngine())));
  let fails = false;
  app.use((context) => {
    Object.assign((context as unknown as { session: object }).session, { n: 1 }); // typed by the app, which has no types
    if (fails) throw new Error("out of ink");
    context.body = "onetwo";
  });
  const port = await serve(app.callback());
  expect(await ask(port)).toEqual(STORED);
  fails = true;
  expect(await ask(port)).toEqual({ status: 500, cookies: undefined, body: "Internal Server Error" });
});

it("Fastify holds a reply that bypasses it", async () => {
  const app = Fastify({ http2: true });
  await app.register(sessionPlugin(sessionsOn(asyncEngine())) as never); // typed for HTTP/1
  app.get("/", (request, reply) => {
    Object.assign(request.session, { n: 1 });
    reply.hijack();
    reply.raw.writeHead(200);
    reply.raw.write("one");
    reply.raw.end("two");
  });
  const address = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
  undo.push(() => app.close());
  expect(await ask(Number(address.port))).toEqual(STORED);
});
