/** Neighbours stacked around the session as users stack them, for each host; and pages that misbehave. */
import type { ServerResponse } from "node:http";
import fastifyCompress from "@fastify/compress";
import fastifyWebsocket from "@fastify/websocket";
import compression from "compression";
import flash from "connect-flash";
import cookieParser from "cookie-parser";
import cors from "cors";
import express from "express";
import helmet from "helmet";
import koaCompress from "koa-compress";
import morgan from "morgan";
import passport from "passport";
import type { SessionMiddleware } from "session-bridge/node";
import { Server } from "socket.io";
import { type App, bagOf, visit } from "../hosts/host.ts";
import { type ConnectMiddleware, fromExpress, type Placed, redirect, sendJson } from "../neighbour.ts";
import { pathOf } from "../pages.ts";
import type { HostName } from "../product.ts";

/** The path where Fastify accepts WebSockets. */
export const SOCKET_PATH = "/socket";

/** The neighbours' part of an app. */
export type Stack = Pick<App, "before" | "after">;

const proves = async () => {};

/** The stack of a host. `session`: for handshakes. */
export function createStack(host: HostName, session: SessionMiddleware): Stack {
  if (host === "Fastify") return { before: fastifyStack() };
  const attach = attachSocketIo(session);
  if (host === "Koa")
    return { before: { koa: koaCompress(), prove: proves }, after: { ...koaPages(), attach } };
  return { before: connectBefore(), after: { ...connectAfter(), attach } };
}

function connectBefore(): Placed {
  const log = { stream: { write: () => {} } };
  const own = [helmet(), morgan("combined", log), cors(), cookieParser("a secret"), compression()];
  return { connect: own.map(fromExpress), prove: proves };
}

function connectAfter(): Placed {
  const auth = new passport.Passport();
  auth.serializeUser((user, done) => done(null, user));
  auth.deserializeUser((user: Express.User, done) => done(null, user));
  return {
    connect: [express.urlencoded(), auth.initialize(), auth.session(), flash()].map(fromExpress),
    pages: { ...LATE_PAGES, ...LOGIN_PAGES },
    prove: proves,
  };
}

type Logged = {
  login(user: object, done: (error: unknown) => void): void;
  logout(done: (error: unknown) => void): void;
  flash(kind: string, message?: string): unknown;
};

const LOGIN_PAGES: Record<string, ConnectMiddleware> = {
  "/login": (request, response, next) =>
    (request as unknown as Logged).login({ name: "john" }, (error) => {
      // passport has put it there
      if (error) return next(error);
      (request as unknown as Logged).flash("info", "Welcome."); // and connect-flash this
      redirect(response, "/list");
    }),
  "/logout": (request, response, next) =>
    (request as unknown as Logged).logout((error) => (error ? next(error) : redirect(response, "/list"))), // as above
  "/list": (request, response) => sendJson(response, (request as unknown as Logged).flash("info")), // as above
};

/** Writes after the end, and ends after the session is stored. */
const LATE_PAGES: Record<string, ConnectMiddleware> = {
  "/late": (request, response) => {
    visit(bagOf(request));
    answerLate(response);
  },
  "/slow": (request, response) => {
    visit(bagOf(request));
    answerSlowly(response);
  },
};

function answerLate(response: ServerResponse): void {
  response.on("error", () => {}); // a write after the end is one
  response.end("in time");
  setTimeout(() => {
    response.write("too late");
    response.end();
  }, 5);
}

/** Continues to write in a timer, whatever happened to the response. */
function answerSlowly(response: ServerResponse): void {
  response.write("one,");
  setTimeout(() => {
    response.write("two,");
    response.end("three");
  }, 10);
}

function koaPages(): Placed {
  return {
    koa: (context, next) => {
      if (context.path !== "/late" && context.path !== "/slow") return next();
      visit((context as unknown as { session: Record<string, unknown> }).session); // typed by neither
      context.respond = false;
      context.res.statusCode = 200;
      if (context.path === "/late") answerLate(context.res);
      else answerSlowly(context.res);
    },
    prove: proves,
  };
}

function fastifyStack(): Placed {
  return {
    fastify: async (app) => {
      await app.register(fastifyCompress);
      await app.register(fastifyWebsocket);
      app.get(SOCKET_PATH, { websocket: true }, (socket, { session }) => {
        socket.send(String(session.get("visits")));
      });
      for (const path of ["/late", "/slow"]) {
        app.get(path, (request, reply) => {
          visit(request.session as unknown as Record<string, unknown>); // index access
          reply.hijack();
          if (pathOf(request) === "/late") answerLate(reply.raw);
          else answerSlowly(reply.raw);
        });
      }
    },
    prove: proves,
  };
}

function attachSocketIo(session: SessionMiddleware): NonNullable<Placed["attach"]> {
  return (server) => {
    // a client whose close failed with the store is found by its missing pings
    const sockets = new Server(server, { pingInterval: 1000, pingTimeout: 1000 });
    sockets.engine.use(session);
    sockets.engine.use(((request, _response, next) => {
      visit(bagOf(request));
      next();
    }) satisfies ConnectMiddleware);
    sockets.on("connection", (socket) => socket.emit("hello"));
    server.once("close", () => sockets.engine.close());
  };
}
