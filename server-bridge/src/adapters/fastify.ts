/**
 * Sessions for Fastify 5: `app.register(sessionPlugin(sessions))`, then `request.session`.
 *
 * The session is stored in `onSend`, so if the store fails, Fastify sends its own 500, or 503. Replies that bypass Fastify
 * (`reply.hijack()`, `reply.raw`) are held like any other Node response.
 */
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { PREFIX, statusOf, toError } from "../core/errors.ts";
import type { RequestSession, ResponseChanges } from "../core/request/facts.ts";
import { openSession } from "../core/request/open-session.ts";
import { createSafeLog } from "../core/runtime.ts";
import type { Session, SessionShape } from "../core/session/api.ts";
import type { Sessions } from "../core/sessions.ts";
import { type Hold, holdResponse, releaseResponse, reportLine } from "./hold-response.ts";
import { readIncoming } from "./request-facts.ts";
import {
  cookiesOf,
  type NamedSession,
  nameFailure,
  nameTaken,
  readName,
  requireApart,
  type SessionNameOptions,
} from "./session-name.ts";

type SessionOf = Session<SessionShape>;

declare module "fastify" {
  interface FastifyRequest {
    /** The session, in every app that registered `sessionPlugin`. */
    session: SessionOf;
  }
}

export type { SessionNameOptions } from "./session-name.ts";

/** A request whose session data has its own type, under the name `As`. */
export type RequestWithSession<Data, As extends string = "session"> = Omit<FastifyRequest, As> & {
  readonly [Name in As]: Session<Data>;
};

/** What this plugin knows about one request's session. */
interface State {
  readonly named: readonly [NamedSession];
  readonly opened: RequestSession<unknown>;
  settled: boolean;
  /** True while the reply waits for the store. */
  waiting: boolean;
}

type WithState = FastifyRequest & { [key: symbol]: State | null };

/** An app, or a part of it, with the sessions of its requests. */
interface WithNames {
  [NAMES]?: readonly NamedSession[];
}

const NAMES = Symbol("session-bridge.names");

/**
 * A Fastify plugin that gives each request its session and stores it before the reply is sent. It covers the whole app,
 * not one encapsulated part.
 *
 * For a second session, register a second one under another name: `sessionPlugin(adminSessions, { as: "adminSession" })`.
 */
export function sessionPlugin<Data = SessionShape>(
  sessions: Sessions<Data>,
  options: SessionNameOptions = {},
): FastifyPluginCallback {
  const name = readName(options);
  const shown = `request.${name}`;
  const key = Symbol("session-bridge.state");
  const named = [{ shown, sessions }] as const;
  const plugin: FastifyPluginCallback = (app: FastifyInstance & WithNames, _options, done) => {
    const known = app[NAMES] ?? [];
    if (known.some((one) => one.shown === shown && one.sessions === sessions)) return done();
    try {
      requireApart(known, named[0]);
      if (app.hasRequestDecorator(name)) throw nameTaken(shown);
    } catch (error) {
      return done(toError(error)); // Fastify would not see it
    }
    app[NAMES] = [...known, ...named];
    app.decorateRequest(key, null);
    app.decorateRequest(name, {
      getter(this: FastifyRequest) {
        return readSession(this as WithState, key, shown); // decorated above
      },
    });
    app.addHook("onRequest", (request, reply, next) => {
      const opened = openSession(sessions, readIncoming(request.raw, request, isSecure));
      const begin = (ready: RequestSession<Data>) => {
        try {
          attach(request as WithState, reply, key, named, ready); // decorated above
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
      const state = (request as WithState)[key]; // as above
      // an async handler that sends and returns nothing makes Fastify send again while the reply still waits
      if (state?.waiting === true) return;
      if (state === null || state === undefined || state.settled) next(null, payload);
      else settle(state, reply, payload, next);
    });
    done();
  };
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "session-bridge",
  });
}

/** Fastify respects its own `trustProxy`. */
const isSecure = ({ protocol }: FastifyRequest): boolean => protocol === "https";

function readSession(request: WithState, key: symbol, shown: string): Session {
  const state = request[key];
  if (state === null || state === undefined) {
    throw new Error(
      `${PREFIX}${shown} was read before the session was opened. Register sessionPlugin before the plugins and hooks that use sessions.`,
    );
  }
  return state.opened.session as Session; // typed as the app declares its data
}

function attach<Data>(
  request: WithState,
  reply: FastifyReply,
  key: symbol,
  named: readonly [NamedSession],
  opened: RequestSession<Data>,
): void {
  const log = createSafeLog((line) => request.log.error(line));
  const hold: Hold = {
    named,
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
    named,
    opened: opened as RequestSession<unknown>, // returned by readSession, to code that knows its Data
    settled: false,
    waiting: false,
  };
  holdResponse(reply.raw, hold);
  request[key] = state;
}

type Next = (error: Error | null, payload?: unknown) => void;

function settle(state: State, reply: FastifyReply, payload: unknown, next: Next): void {
  state.settled = true;
  releaseResponse(reply.raw);
  const others = othersOf(reply, state);
  const facts = state.opened.idle ? untouched(reply) : readOutgoing(reply);
  const kept = cookiesOf(others, facts.setCookie);
  const fail = (error: unknown) => {
    state.waiting = false;
    clearHeaders(reply);
    if (hasDestroy(payload)) payload.destroy(); // no one reads it any longer
    next(others.length === 0 ? toError(error) : nameFailure(state.named[0].shown, error));
  };
  try {
    const closed = state.opened.close(facts);
    if (!(closed instanceof Promise)) {
      next(null, apply(reply, kept, closed, payload));
      return;
    }
    state.waiting = true;
    closed.then((later) => {
      state.waiting = false;
      next(null, apply(reply, kept, later, payload));
    }, fail);
  } catch (error) {
    fail(error);
  }
}

function clearHeaders(reply: FastifyReply): void {
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
}

/** The other sessions of this request. */
function othersOf({ server }: FastifyReply, { named }: State): readonly NamedSession[] {
  const all = (server as WithNames)[NAMES] ?? named;
  return all.length === 1 ? NONE : all.filter((one) => one !== named[0]);
}
const NONE: readonly NamedSession[] = [];

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

/**
 * Applies the settled changes to the reply and returns the payload to send.
 *
 * @param kept the cookies of the request's other sessions, which stay when the answer replaces that of the handler
 */
function apply(
  reply: FastifyReply,
  kept: readonly string[],
  { instead, vary, setCookie }: ResponseChanges,
  payload: unknown,
): unknown {
  if (instead) {
    clearHeaders(reply);
    reply.code(instead.status).type("text/plain; charset=utf-8");
    if (kept.length > 0) reply.header("set-cookie", [...kept]);
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
