/** What happens instead, for each reason of `declarations.ts`. */
import { execFile } from "node:child_process";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import fastifyCompress from "@fastify/compress";
import compression from "compression";
import connect from "connect";
import { rateLimit } from "express-rate-limit";
import Fastify from "fastify";
import Koa from "koa";
import koaCompress from "koa-compress";
import { afterEach, describe, expect, it } from "vitest";
import { createAsker, type Seen } from "./client.ts";
import { createServerOf, type Listener, listen } from "./hosts/host.ts";
import type { Cell } from "./product.ts";
import { openSite } from "./site.ts";
import { createEngine } from "./stores.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function ask(listener: Listener): Promise<Seen> {
  const { port, close } = await listen(createServerOf("HTTP/1.1").on("request", listener));
  undo.push(close);
  return createAsker(port, "HTTP/1.1").ask("/");
}

async function askSite(place: Pick<Cell, "neighbour" | "host" | "position" | "protocol">): Promise<Seen> {
  const site = await openSite(place, createEngine("slow"));
  undo.push(site.close);
  return site.asker.ask("/small");
}

describe("a neighbour of another framework", () => {
  it("is a 500 on Koa, if it is made for Connect", async () => {
    const app = new Koa();
    app.silent = true;
    app.use(compression() as unknown as Koa.Middleware); // the mistake that is shown
    expect((await ask(app.callback())).status).toBe(500);
  });

  it("cannot be registered in Fastify, if it is made for Connect", () => {
    expect("use" in Fastify()).toBe(false);
  });

  it("finds no context on Connect, if it is made for Koa", async () => {
    const request = new IncomingMessage(new Socket());
    const middleware = koaCompress() as unknown as (...given: unknown[]) => Promise<void>; // the mistake that is shown
    await expect(middleware(request, new ServerResponse(request), () => {})).rejects.toThrow(TypeError);
  });

  it("finds no app on Connect, if it is made for Fastify", async () => {
    const app = connect();
    app.use(fastifyCompress as unknown as connect.NextHandleFunction); // the mistake that is shown
    expect((await ask(app)).status).toBe(500);
  });

  it("is a 500 on Connect when express-rate-limit refuses, because it uses Express's methods", async () => {
    const app = connect();
    const limit = rateLimit({ limit: 0, keyGenerator: () => "one", validate: false });
    app.use(limit as unknown as connect.NextHandleFunction); // the mistake that is shown
    expect((await ask(app)).status).toBe(500);
  });
});

const EXPRESS_OVER_HTTP2 = `
  import { connect, createServer } from "node:http2";
  import express from "express";
  const server = createServer(express().get("/", (request, response) => response.end("x")));
  server.listen(0, "127.0.0.1", () => {
    connect("http://127.0.0.1:" + server.address().port).request({ ":path": "/" });
  });
`;

it("Express over HTTP/2 ends the process at the first request", async () => {
  const options = { cwd: fileURLToPath(new URL(".", import.meta.url)), timeout: 10_000 };
  const said = await new Promise<string>((resolve) => {
    const args = ["--input-type=module", "--eval", EXPRESS_OVER_HTTP2];
    execFile(process.execPath, args, options, (error, _out, errors) => resolve(`${error?.code} ${errors}`));
  });
  expect(said).toMatch(/^1 .*TypeError/s);
});

it("http-proxy-middleware over HTTP/2 is a 500", async () => {
  const place = { neighbour: "http-proxy-middleware", position: "after", protocol: "HTTP/2" } as const;
  expect((await askSite({ ...place, host: "Connect" })).status).toBe(500);
});

it("passport before the session is a 500 that says that it needs a session", async () => {
  const place = { neighbour: "passport", position: "before", protocol: "HTTP/1.1" } as const;
  const seen = await askSite({ ...place, host: "Express" });
  expect([seen.status, seen.body.includes("Login sessions require session support")]).toEqual([500, true]);
});
