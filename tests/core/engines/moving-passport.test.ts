/** Users of Passport 0.7 while an app moves from express-session: both libraries on one store. */
import express from "express";
import session from "express-session";
import passport from "passport";
import { createSessions, fromExpressStore } from "session-bridge";
import { sessionMiddleware } from "session-bridge/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listen, MemoryStore, type MovingApp, Visitor } from "./moving-apps.ts";

const secret = "a secret of the old app";
let old: MovingApp;
let app: MovingApp;

beforeAll(async () => {
  const store = new MemoryStore();
  const engine = fromExpressStore(store, { secret });
  const sessions = createSessions({ secretKey: "any", cookieName: "connect.sid", engine });
  old = await startSite(session({ secret, store, resave: false, saveUninitialized: false }));
  app = await startSite(sessionMiddleware(sessions) as express.RequestHandler);
});
afterAll(() => Promise.all([old.stop(), app.stop()]));

/** The same site, whatever gives its requests a session. */
function startSite(middleware: express.RequestHandler): Promise<MovingApp> {
  const users = new passport.Passport();
  users.serializeUser((user: unknown, done) => done(null, user));
  users.deserializeUser((name: string, done) => done(null, name));
  const site = express();
  site.use(middleware);
  site.use(users.session());
  site.use((request, response, next) => {
    const done = (error?: unknown) => (error ? next(error) : response.send("done"));
    if (request.path === "/login") request.logIn(String(request.query["user"]), done);
    else if (request.path === "/logout") request.logout(done);
    else response.send(String(Reflect.get(request, "user")));
  });
  return listen(site);
}

it("stay logged in, get a new id at each login, and are logged out for both", async () => {
  for (const [one, other] of [
    [old, app],
    [app, old],
  ] as const) {
    const ada = new Visitor();
    await ada.get(one, "/login?user=ada");
    expect([await ada.get(one, "/"), await ada.get(other, "/")]).toEqual(["ada", "ada"]);
    const before = await ada.cookie(one);
    await ada.get(other, "/login?user=eve");
    expect(await ada.cookie(one)).not.toBe(before);
    expect([await ada.get(one, "/"), await ada.get(other, "/")]).toEqual(["eve", "eve"]);
    const kept = await ada.cookie(one);
    await ada.get(one, "/logout");
    await ada.forge(one, kept);
    expect([await ada.get(one, "/"), await ada.get(other, "/")]).toEqual(["undefined", "undefined"]);
  }
});
