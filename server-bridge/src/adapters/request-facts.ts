/** The facts about a Node request that a session needs. */
import type { IncomingMessage } from "node:http";
import type { IncomingFacts } from "../core/request/facts.ts";

/**
 * Reads them. The path is the one that the client requested, even inside a mounted Express or Connect app.
 *
 * @param own the framework's own request
 * @param isSecure whether it came over https, as the framework says
 */
export function readIncoming<Own extends object>(
  request: IncomingMessage & { originalUrl?: string },
  own: Own,
  isSecure: (own: Own) => boolean,
): IncomingFacts {
  const target = String(request.originalUrl ?? request.url ?? "/");
  const query = target.indexOf("?");
  return {
    method: request.method ?? "GET",
    path: query === -1 ? target : target.slice(0, query),
    identity: request,
    cookieHeader: request.headers.cookie,
    request: own,
    isSecure,
  };
}
