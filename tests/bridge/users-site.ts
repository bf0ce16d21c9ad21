/** A site whose users have several sessions, and what their panels ask of its bridge. */
import { cache, type Engine, type SessionsOptions } from "session-bridge";
import type { BridgeOptions } from "session-bridge/bridge";
import { onTestFinished } from "vitest";
import { type Answer, call, readSession, type Site, startSite, Visitor } from "./site.ts";

/** Where the clock starts. */
export const START = 1_790_000_000_000;

/** A clock that the test moves. */
export const time = { now: START };

/** Starts the site with its clock at the beginning; closed after the test. */
export async function open({
  engine = cache("memory:"),
  sessions = {},
  bridge = {},
}: {
  engine?: Engine;
  sessions?: Partial<SessionsOptions>;
  bridge?: BridgeOptions;
} = {}): Promise<Site> {
  time.now = START;
  const clock = () => time.now;
  const site = await startSite({
    engine,
    sessions: { clock, users: { of: (session) => session.get("user_id") }, ...sessions },
    bridge: { clock, ...bridge },
  });
  onTestFinished(() => site.close());
  return site;
}

/** A browser that is logged in as user 123, or as another one. */
export async function logIn(site: Site, user = 123): Promise<Visitor> {
  const visitor = new Visitor(site);
  await visitor.visit("/login", "POST");
  if (user !== 123) await visitor.visit(`/set?user_id=${user}`);
  return visitor;
}

/** The call `devices` with a cookie. */
export const list = (site: Site, { cookie }: { cookie: string }) => call(site, "devices", { cookie });

/** The call `end-others`, for the session as it is now. */
export async function endOthers(site: Site, { cookie }: Visitor, more: object = {}): Promise<Answer> {
  const { version } = await readSession(site, cookie);
  return call(site, "end-others", { cookie, ifVersion: version, keep: true, ...more });
}

/** Whether the app still knows the browser. */
export async function isLoggedIn(site: Site, { cookie }: Visitor): Promise<boolean> {
  return (await call(site, "session", { cookie })).json.found;
}
