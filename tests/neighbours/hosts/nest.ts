/**
 * Nest on Express as a host: JSON and events as values of its controller, the rest by the response it hands out.
 *
 * Node strips types and runs no decorators, so they are called as the functions that they are.
 */
import "reflect-metadata";
import type { IncomingMessage, ServerResponse } from "node:http";
import { All, Controller, Get, type MessageEvent, Module, Next, Req, Res, Sse } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { ExpressAdapter } from "@nestjs/platform-express";
import type { Response } from "express";
import { from, map, type Observable } from "rxjs";
import { sessionMiddleware } from "session-bridge/node";
import type { ConnectMiddleware } from "../neighbour.ts";
import { LARGE, SMALL, toEvent, writeEvents } from "../pages.ts";
import { signalsOf } from "../signals.ts";
import { FILE_PATH, toPages } from "./connect-hosts.ts";
import { bagOf, inOrder, listenBy, ownPages, plainSession, type Serve, visit } from "./host.ts";

/** Serves an app by Nest. */
export const serveNest: Serve = async (app) => {
  const { before, after } = app;
  const nest = await NestFactory.create(toModule(ownPages(app)), new ExpressAdapter(), { logger: false });
  const server = nest.getHttpServer();
  const session = app.sessions === null ? plainSession : sessionMiddleware(app.sessions);
  for (const middleware of inOrder(app, session)) nest.use(middleware);
  before?.attach?.(server);
  await nest.init();
  after?.attach?.(server);
  return listenBy(server, { open: () => nest.listen(0, "127.0.0.1"), close: () => nest.close() });
};

/** A module with one controller, made for each app since the neighbour's pages are its own. */
function toModule(own: Readonly<Record<string, ConnectMiddleware>> = {}): new () => object {
  const rest = toPages("setHeader", own);

  class PagesController {
    small(request: IncomingMessage): object {
      visit(bagOf(request));
      return SMALL;
    }
    large(request: IncomingMessage): object {
      visit(bagOf(request));
      return LARGE;
    }
    events(request: IncomingMessage): Observable<MessageEvent> {
      visit(bagOf(request));
      const events = from(writeEvents(signalsOf(request.headers)));
      return events.pipe(map((event) => ({ data: toEvent(event).trim() })));
    }
    file(request: IncomingMessage, response: Response): void {
      visit(bagOf(request));
      response.sendFile(FILE_PATH);
    }
    others(request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): unknown {
      return rest(request, response, next);
    }
  }
  decorate(PagesController, "small", [Get("small")], [Req()]);
  decorate(PagesController, "large", [Get("large")], [Req()]);
  decorate(PagesController, "events", [Sse("events")], [Req()]);
  decorate(PagesController, "file", [Get("file")], [Req(), Res()]);
  decorate(PagesController, "others", [All("*path")], [Req(), Res(), Next()]);
  Controller()(PagesController);

  class PagesModule {}
  Module({ controllers: [PagesController] })(PagesModule);
  return PagesModule;
}

/** `@decorators method(@parameters …)`, as a compiler would write it. */
function decorate(
  target: { prototype: object },
  name: string,
  decorators: readonly MethodDecorator[],
  parameters: readonly ParameterDecorator[],
): void {
  for (const [at, parameter] of parameters.entries()) parameter(target.prototype, name, at);
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name);
  if (descriptor === undefined) throw new Error(`The controller has no ${name}.`);
  for (const decorator of decorators) decorator(target.prototype, name, descriptor);
}
