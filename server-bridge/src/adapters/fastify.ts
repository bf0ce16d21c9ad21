/**
 * Sessions for Fastify 5: `app.register(sessionPlugin(sessions))`, then `request.session`.
 *
 * The session is stored in `onSend`, so if the store fails, Fastify sends its own 500, or 503. Replies that bypass Fastify
 * (`reply.hijack()`, `reply.raw`) are held like any other Node response.
 */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { PREFIX, statusOf, toError } from "../core/errors.ts";
import type { RequestSession, ResponseChanges } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import { createSafeLog } from "../core/runtime.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { type Hold, holdResponse, releaseResponse, reportLine } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";

type SessionOf = Session<SessionShape>;

declare module "fastify" {
  interface FastifyRequest {
    /** The session, in every app that registered `sessionPlugin`. */
    session: SessionOf;
  }
}

/** A request whose session data has its own type. */
export type RequestWithSession<Data> = Omit<FastifyRequest, "session"> & { readonly session: Session<Data> };

/** What this plugin knows about one request's session. */
interface State {
  opened: RequestSession<unknown>;
  settled: boolean;
  /** True while the reply waits for the store. */
  waiting: boolean;
}

type WithState = FastifyRequest & { [STATE]: State | null };

const STATE = Symbol("session-bridge.state");

/**
 * A Fastify plugin that gives each request its session and stores it before the reply is sent. It covers the whole app,
 * not one encapsulated part.
 */
export function sessionPlugin<Data = SessionShape>(sessions: Sessions<Data>): FastifyPluginCallback {
  const plugin: FastifyPluginCallback = (app, _options, done) => {
    app.decorateRequest(STATE, null);
    app.decorateRequest("session", { getter: readSession });
    app.addHook("onRequest", (request, reply, next) => {
      const opened = openSession(sessions, readIncoming(request.raw));
      const begin = (ready: RequestSession<Data>) => {
        try {
          attach(request as WithState, reply, ready); // decorated above
        } catch (error) {
          next(toError(error));
          return;
        }
        next();
      };
      if (opened instanceof Promise) opened.then(begin, next);
      else begin(opened);
    });
    app.addHook("onSend", (request, reply, payload, next) => {
      const state = (request as WithState)[STATE]; // as above
      // an async handler that sends and returns nothing makes Fastify send again while the reply still waits
      if (state?.waiting === true) return;
      if (state === null || state.settled) next(null, payload);
      else settle(state, reply, payload, next);
    });
    done();
  };
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "session-bridge",
  });
}

function readSession(this: FastifyRequest): Session {
  const request = this as WithState; // decorated by the plugin
  const state = request[STATE];
  if (state === null) {
    throw new Error(
      `${PREFIX}request.session was read before the session was opened. Register sessionPlugin before the plugins and hooks that use sessions.`,
    );
  }
  return state.opened.session as Session; // typed as the app declares its data
}

function attach<Data>(request: WithState, reply: FastifyReply, opened: RequestSession<Data>): void {
  const log = createSafeLog((line) => request.log.error(line));
  const hold: Hold = {
    settle: (facts) => {
      state.settled = true;
      return opened.close(facts);
    },
    fail: (error) => {
      log(reportLine(error));
      reply.raw.statusCode = statusOf(error);
      reply.raw.end();
    },
    report: (error) => log(reportLine(error)),
  };
  const state: State = {
    opened: opened as RequestSession<unknown>, // returned by readSession, to code that knows its Data
    settled: false,
    waiting: false,
  };
  holdResponse(reply.raw, hold);
  request[STATE] = state;
}

type Next = (error: Error | null, payload?: unknown) => void;

function settle(state: State, reply: FastifyReply, payload: unknown, next: Next): void {
  state.settled = true;
  releaseResponse(reply.raw);
  const fail = (error: unknown) => {
    state.waiting = false;
    clearHeaders(reply);
    if (hasDestroy(payload)) payload.destroy(); // no one reads it any longer
    next(toError(error));
  };
  try {
    const closed = state.opened.close(state.opened.idle ? untouched(reply) : readOutgoing(reply));
    if (!(closed instanceof Promise)) {
      next(null, apply(reply, closed, payload));
      return;
    }
    state.waiting = true;
    closed.then((later) => {
      state.waiting = false;
      next(null, apply(reply, later, payload));
    }, fail);
  } catch (error) {
    fail(error);
  }
}

function clearHeaders(reply: FastifyReply): void {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
}

/** When the headers stay as they are, there is no need to read them. */
function untouched({ statusCode: status }: FastifyReply) {
  return { status, vary: null, setCookie: [] };
}

function readOutgoing(reply: FastifyReply) {
  const vary = reply.getHeader("vary");
  const setCookie = reply.getHeader("set-cookie");
  return {
    status: reply.statusCode,
    vary: vary === undefined ? null : String(vary),
    setCookie: setCookie === undefined ? [] : Array.isArray(setCookie) ? setCookie : [String(setCookie)],
  };
}

/** Applies the settled changes to the reply and returns the payload to send. */
function apply(
  reply: FastifyReply,
  { instead, vary, setCookie }: ResponseChanges,
  payload: unknown,
): unknown {
  if (instead) {
    clearHeaders(reply);
    reply.code(instead.status).type("text/plain; charset=utf-8");
    if (hasDestroy(payload)) payload.destroy();
    return instead.body;
  }
  if (vary !== null) reply.header("vary", vary);
  if (setCookie !== null) {
    reply.removeHeader("set-cookie"); // Fastify's header() would add to it
    if (setCookie.length > 0) reply.header("set-cookie", setCookie);
  }
  return payload;
}

function hasDestroy(payload: unknown): payload is { destroy(): void } {
  return typeof payload === "object" && payload !== null && "destroy" in payload;
}
