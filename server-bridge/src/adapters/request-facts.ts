/** The facts about a Node request that a session needs. */
import type { IncomingMessage } from "node:http";
import type { IncomingFacts } from "../core/request/facts.ts";

/** Reads them. The path is the one that the client requested, even inside a mounted Express or Connect app. */
export function readIncoming(request: IncomingMessage & { originalUrl?: string }): IncomingFacts {
  const target = String(request.originalUrl ?? request.url ?? "/");
  const query = target.indexOf("?");
  return {
    method: request.method ?? "GET",
    path: query === -1 ? target : target.slice(0, query),
    identity: request,
    cookieHeader: request.headers.cookie,
  };
}
