/** A site of one handler, with layers on its response before and after the session. */
import type { ServerResponse } from "node:http";
import { cache, type Engine, type Session } from "session-bridge";
import { withSessions } from "session-bridge/node";
import type { Served } from "./adapter.ts";
import { serveListener } from "./node-adapters.ts";
import { asyncEngine, sessionsOn } from "./stores.ts";

/** The handler of one request. */
type Handler = (session: Session, response: ServerResponse) => unknown;
/** Middleware, as a function that changes the response. */
export type Layer = (response: ServerResponse) => void;

/** Serves a handler with layers that were put on the response before and after the session. */
export function serve(
  engine: Engine,
  handler: Handler,
  { below, above }: { below?: Layer; above?: Layer } = {},
): Promise<Served> {
  const answer = withSessions(sessionsOn(engine), ({ session }, response) => {
    above?.(response);
    return handler(session, response);
  });
  return serveListener((request, response) => {
    below?.(response);
    answer(request, response);
  });
}

/** Stores that settle in the same turn, and in a later one. */
export const ENGINES: [name: string, make: () => Engine][] = [
  ["a store that answers at once", () => cache("memory:")],
  ["a store that takes time", asyncEngine],
];
