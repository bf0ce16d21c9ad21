/**
 * Sessions for servers that answer a `Request` with a `Response`: `withSession` works with any of them,
 * `sessionMiddleware` with Hono 4.
 */
import "../core/runtime.ts";
import { isSessionError, unavailableResponse } from "../core/errors.ts";
import type { IncomingFacts, RequestSession, ResponseChanges } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { createFailureLog } from "./failure-log.ts";

/** What a handler receives along with its request. */
export interface WithSession<Data = SessionShape> {
  /** The session. After `regenerate` this is a new object. */
  readonly session: Session<Data>;
}

/**
 * Wraps a handler so that each request has its session, which is stored before the server gets the response.
 *
 * If the handler throws, its error is rethrown and nothing is stored. If the store fails, the returned promise rejects.
 * If it does not answer, the response is a 503.
 *
 * @example
 * const fetch = withSession(sessions, (request, { session }) => new Response(String(session.get("user_id"))));
 */
export function withSession<Data = SessionShape, Rest extends unknown[] = []>(
  sessions: Sessions<Data>,
  handle: (request: Request, given: WithSession<Data>, ...rest: Rest) => Response | Promise<Response>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const log = createFailureLog(sessions.log);
  return async (request, ...rest) => {
    try {
      const opened = await openSession(sessions, readRequest(request));
      const response = await orAbandon(opened, () => handle(request, opened, ...rest));
      return await settle(opened, response);
    } catch (error) {
      if (!isSessionError(error, "unavailable")) throw error;
      log(request.method, error);
      return unavailableResponse();
    }
  };
}

/** Hono's variables: `new Hono<{ Variables: SessionVariables<MyData> }>()`. */
export interface SessionVariables<Data = SessionShape> {
  session: Session<Data>;
}

/** The part of Hono's context that this adapter uses. */
export interface HonoContext {
  req: { raw: Request };
  get res(): Response;
  set res(response: Response | undefined);
  set(key: string, value: unknown): void;
}

/** Hono 4 middleware. */
export type HonoSessionMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<void>;

/** Hono middleware: `app.use(sessionMiddleware(sessions))`, then `c.get("session")` or `c.var.session`. */
export function sessionMiddleware<Data = SessionShape>(sessions: Sessions<Data>): HonoSessionMiddleware {
  return async (context, next) => {
    const opening = openSession(sessions, readRequest(context.req.raw));
    const opened = opening instanceof Promise ? await opening : opening;
    context.set("session", opened.session);
    opened.shownIn = context;
    await orAbandon(opened, next);
    const response = context.res;
    let settled: Response | undefined;
    try {
      const settling = settle(opened, response);
      settled = settling instanceof Promise ? await settling : settling;
    } finally {
      // emptied first, because Hono merges the old response's headers into the new one
      if (settled !== response) context.res = undefined;
    }
    if (settled !== response) context.res = settled;
  };
}

function readRequest(request: Request): IncomingFacts {
  const { url } = request;
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return {
    method: request.method,
    path: end === -1 ? url.slice(start) : url.slice(start, start + end),
    identity: request,
    cookieHeader: request.headers.get("cookie") ?? undefined,
  };
}

/** Runs the handler. If it throws, the session is closed as for any 500: nothing is stored. */
async function orAbandon<Data, Result>(
  opened: RequestSession<Data>,
  handle: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await handle();
  } catch (error) {
    await opened.close({ status: 500, vary: null, setCookie: [] });
    throw error;
  }
}

function settle<Data>(opened: RequestSession<Data>, response: Response): Response | Promise<Response> {
  // reading the headers makes some servers write them more slowly, so they are read only if they may change
  const stay = opened.idle;
  const closed = opened.close({
    status: response.status,
    vary: stay ? null : response.headers.get("vary"),
    setCookie: stay ? [] : response.headers.getSetCookie(),
  });
  if (!(closed instanceof Promise)) return apply(closed, response);
  return closed.then((later) => apply(later, response));
}

/** The response with the settled changes applied: the same object if its headers can be changed, otherwise a copy. */
function apply(closed: ResponseChanges, response: Response): Response {
  const { instead, vary, setCookie } = closed;
  if (instead) {
    void response.body?.cancel();
    return new Response(instead.body, {
      status: instead.status,
      headers: { "Content-Type": "text/plain; charset=utf-8" },
    });
  }
  if (vary === null && setCookie === null) return response;
  const changeable = toChangeable(response);
  if (vary !== null) changeable.headers.set("Vary", vary);
  if (setCookie !== null) {
    changeable.headers.delete("Set-Cookie");
    for (const line of setCookie) changeable.headers.append("Set-Cookie", line);
  }
  return changeable;
}

/** Responses from `fetch` and `Response.redirect` have immutable headers; those of a copy can be changed. */
function toChangeable(response: Response): Response {
  try {
    response.headers.delete("Session-Probe");
    return response;
  } catch {
    return new Response(response.body, response);
  }
}
