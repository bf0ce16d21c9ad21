/**
 * The server's side of a browser context's session, for tests: its contents, what changed since a mark, and a copy of
 * both sides that can be put back.
 */
import { DEADLINE_KEY } from "../core/data/draft.ts";
import type { Json, KeptCopy, SessionState } from "../protocol/messages.ts";
import type { BridgeClient } from "./client.ts";

/** The part of a Playwright browser context that is needed. */
interface CookieJar<State> {
  cookies(url: string): Promise<{ name: string; value: string }[]>;
  clearCookies(): Promise<void>;
  addCookies(cookies: never[]): Promise<void>;
  storageState(): Promise<State>;
}

/** Both sides of a session at one time. */
export interface KeptSession<State = { cookies: unknown[] }> {
  /** Playwright's `storageState`: cookies and localStorage. */
  browser: State;
  /** The server's copy, sealed by the bridge; null if there was no session. */
  server: KeptCopy | null;
}

/** The contents of a session, by key. */
export type SessionData = Record<string, Json>;
/** Per key: the value before and after; `undefined` for absent. */
export type SessionChanges = Record<string, [before: Json | undefined, after: Json | undefined]>;

/** The server's side of a browser context's session. */
export interface ServerSession<State = { cookies: unknown[] }> {
  /** What the server holds now; null if there is no session. Reading it changes nothing. */
  data(): Promise<SessionData | null>;
  /** Seconds until the stored session expires; null if there is no session or no expiry. */
  expiresIn(): Promise<number | null>;
  /** Sets the mark: changes are counted from now on. A test begins with an empty mark: no session. */
  mark(): Promise<void>;
  /** What changed since the mark. */
  changes(): Promise<SessionChanges>;
  /** Copies browser and server together, for another test or a later one. */
  keep(): Promise<KeptSession<State>>;
  /** Restores both sides, whatever they are now. */
  restore(kept: KeptSession<State>): Promise<void>;
}

/** A session, and the cookie of it. */
interface Found {
  cookie: string;
  session: SessionState;
  serverTime: number;
}

const endOf = ({ session }: Found): number => session.expiresAt ?? 0;

/** The session that `context` has with the app at `origin`. */
export function createServerSession<State extends { cookies: unknown[] }>(
  context: CookieJar<State>,
  origin: string,
  client: BridgeClient,
): ServerSession<State> {
  let marked: SessionData = {};

  async function look(): Promise<Found | null> {
    const { cookieNames, engine } = await client.call("hello", {});
    const cookies = await context.cookies(origin);
    const named = cookies.filter(({ name }) => cookieNames.includes(name)).map(({ value }) => value);
    let newest: Found | null = null;
    // there may be a leftover of another path or domain, which is no session
    for (const cookie of new Set(named)) {
      const answer = await client.call("session", { cookie });
      if (!answer.found) continue;
      const found = { cookie, session: answer.session, serverTime: answer.serverTime };
      if (engine !== "signed_cookies") return found;
      // nothing ends an older signed cookie, so the app goes by the newest
      if (newest === null || endOf(found) > endOf(newest)) newest = found;
    }
    return newest;
  }

  async function data(): Promise<SessionData | null> {
    const found = await look();
    return found && JSON.parse(found.session.dataJson);
  }

  return {
    data,
    async expiresIn() {
      const found = await look();
      return found?.session.expiresAt == null ? null : (found.session.expiresAt - found.serverTime) / 1000;
    },
    async mark() {
      marked = (await data()) ?? {};
    },
    async changes() {
      return changesBetween(marked, (await data()) ?? {});
    },
    async keep() {
      const found = await look();
      const answer = found && (await client.call("session", { cookie: found.cookie, keep: true }));
      const server = answer?.found ? (answer.kept ?? null) : null;
      return { browser: await context.storageState(), server };
    },
    async restore({ browser, server }) {
      if (server) await client.call("restore", { cookie: server.cookie, kept: server, replaces: null });
      await context.clearCookies();
      await context.addCookies(browser.cookies as never[]); // what the same context gave
    },
  };
}

function changesBetween(before: SessionData, after: SessionData): SessionChanges {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  keys.delete(DEADLINE_KEY); // a time, which a test cannot name; `expiresIn` counts it in
  const differing = [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return Object.fromEntries(differing.map((key) => [key, [before[key], after[key]]]));
}
