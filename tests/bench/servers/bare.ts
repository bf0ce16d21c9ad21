/** Handlers without any session library: what the frameworks themselves cost. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { serve } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { FILLS } from "../data.ts";
import { listen, type Start } from "./contestant.ts";

const READ = { user_id: 123, n: 0 };
const WRITE = { n: 1 };
const LOGIN = { user_id: 123 };
const UNTOUCHED = { ok: true };
const NOT_FOUND = { error: "not found" };

/** Answers JSON from bare `node:http`, with its length, in one write. */
export function sendJson(response: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value);
  response.setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}

function bareAnswer(path: string): unknown {
  if (path === "/read") return READ;
  if (path === "/write") return WRITE;
  if (FILLS.has(path)) return LOGIN;
  return path === "/untouched" ? UNTOUCHED : NOT_FOUND;
}

function startNode() {
  return listen(
    createServer((request: IncomingMessage, response: ServerResponse) => {
      sendJson(response, bareAnswer(request.url ?? "/"));
    }),
  );
}

async function startExpress() {
  const app = express();
  app.get("/untouched", (_request, response) => void response.json(UNTOUCHED));
  app.get("/read", (_request, response) => void response.json(READ));
  app.post("/write", (_request, response) => void response.json(WRITE));
  app.post("/login", (_request, response) => void response.json(LOGIN));
  return listen(createServer(app));
}

async function startFastify() {
  const app = Fastify();
  app.get("/untouched", async () => UNTOUCHED);
  app.get("/read", async () => READ);
  app.post("/write", async () => WRITE);
  app.post("/login", async () => LOGIN);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return app.server;
}

async function startKoa() {
  const app = new Koa();
  app.use((context) => {
    context.body = bareAnswer(context.path);
  });
  return listen(createServer(app.callback()));
}

async function startHono() {
  const app = new Hono();
  app.get("/untouched", (context) => context.json(UNTOUCHED));
  app.get("/read", (context) => context.json(READ));
  app.post("/write", (context) => context.json(WRITE));
  app.post("/login", (context) => context.json(LOGIN));
  return serveHono(app);
}

/** Serves a Hono app by its own Node server. */
export function serveHono(app: {
  fetch: (request: Request) => Response | Promise<Response>;
}): Promise<import("node:http").Server> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => {
      resolve(server as import("node:http").Server); // plain HTTP unless a createServer is given
    });
  });
}

export const START: Record<string, Start> = {
  "bare-node": startNode,
  "bare-node-again": startNode,
  "bare-express": startExpress,
  "bare-fastify": startFastify,
  "bare-koa": startKoa,
  "bare-hono": startHono,
};
