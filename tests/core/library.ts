/** A library with its own clock, log and store, and requests without a network. */
import {
  cache,
  createSessions,
  memory,
  openSession,
  type Session,
  type SessionsOptions,
} from "session-bridge";

export type AnyData = Record<string, unknown>;
export type AnySession = Session<AnyData>;

/** Monday, 23 November 2026, 00:00 UTC, in milliseconds. */
export const NOW = Date.UTC(2026, 10, 23);

export interface Page {
  status?: number;
  path?: string;
  cookie?: string;
}

export function library(options: Partial<SessionsOptions> = {}) {
  const time = { now: NOW };
  const lines: string[] = [];
  const sessions = createSessions<AnyData>({
    secretKey: "core-tests",
    engine: cache(memory()),
    djangoDefaults: true,
    clock: () => time.now,
    log: (line) => lines.push(line),
    ...options,
  });

  /** One request whose handler is `handle`; returns its response. */
  async function request(handle: (session: AnySession) => unknown, page: Page = {}) {
    const { status = 200, path = "/", cookie } = page;
    const facts = { method: "GET", path, identity: {}, cookieHeader: cookie };
    const opened = await openSession(sessions, facts);
    const handled = handle(opened.session);
    if (handled instanceof Promise) await handled; // a handler that waits for nothing ends its response in the same turn
    const closed = await opened.close({ status, vary: null, setCookie: [] });
    const line = closed.setCookie?.[0] ?? null;
    return { ...closed, line, cookie: line?.split(";")[0] ?? null, session: opened.session };
  }

  /** A stored session with these data; its cookie. */
  async function stored(data: AnyData): Promise<string> {
    const { cookie } = await request((session) => session.update(data));
    if (cookie === null) throw new Error("nothing was stored");
    return cookie;
  }

  /** What is stored for a cookie, read with a new request. */
  async function read(cookie: string): Promise<AnyData> {
    const session = sessions.open(cookie.slice(cookie.indexOf("=") + 1));
    await session.load();
    const data = session.toJSON();
    await session.load(); // outside a request, an expired file gets a new key at once: its file is there now
    return data;
  }

  return { sessions, time, lines, request, stored, read };
}
