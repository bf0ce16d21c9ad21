/** The tab for an app that comes from express-session and keeps its signed cookies: the cookie proves its session. */
import express from "express";
import { createSessions, fromExpressStore } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listen, MemoryStore, type MovingApp, startOld, Visitor } from "../../core/engines/moving-apps.ts";
import { call, readTraces } from "../panel-client.ts";

const secret = "a secret of the old app";
let old: MovingApp;
let app: MovingApp;

beforeAll(async () => {
  const store = new MemoryStore();
  const engine = fromExpressStore(store, { secret });
  const sessions = createSessions({ secretKey: "any", cookieName: "connect.sid", engine, cookieAge: 3600 });
  const site = express();
  site.use(openBridge(sessions, { enabled: true, log: () => {} }));
  site.use(sessionMiddleware(sessions) as express.RequestHandler);
  site.get("/", (request, response) => {
    request.session["seen"] = true;
    response.json({ user: request.session["user"], id: request.session.sessionKey, age: null });
  });
  app = await listen(site);
  old = await startOld(store, secret);
});
afterAll(async () => {
  await app.stop();
  await old.stop();
});

it("shows, edits and moves the session of a cookie that express-session wrote", async () => {
  const ada = new Visitor();
  await ada.get(old, "/login?user=ada");
  await ada.see(app);
  const cookie = await ada.cookie(app);
  const [trace] = await readTraces(app.origin, [cookie], (traces) => traces.some(({ touched }) => touched));
  expect(trace?.after?.dataJson).toBe('{"user":"ada","_session_expiry":0,"seen":true}');

  const read = () => call(app.origin, "session", { protocol: 1, cookie });
  const { answer } = await read();
  if (!answer.found) throw new Error(answer.reason);
  const operations = [{ op: "set" as const, path: ["user"], valueJson: '"eve"' }];
  const edited = await call(app.origin, "edit", {
    protocol: 1,
    cookie,
    ifVersion: answer.session.version,
    operations,
  });
  expect(edited.status, JSON.stringify(edited.answer)).toBe(200);
  expect((await ada.see(old)).user).toBe("eve");

  const { answer: again } = await read();
  if (!again.found) throw new Error(again.reason);
  const cycled = await call(app.origin, "cycle", {
    protocol: 1,
    cookie,
    ifVersion: again.session.version,
  });
  const written = "cookie" in cycled.answer ? cycled.answer.cookie : null;
  expect(written).toMatch(/^s%3A[a-z0-9]{32}\.[A-Za-z0-9%]+$/);
  expect((await ada.see(old)).user).toBeUndefined();
  await ada.forge(old, written ?? "");
  expect((await ada.see(old)).user).toBe("eve");
  expect((await ada.see(app)).user).toBe("eve");
});

it("shows nothing for an id without its signature, or with another one", async () => {
  const [ada, eve] = [new Visitor(), new Visitor()];
  await ada.get(old, "/login?user=ada");
  await eve.get(old, "/login?user=eve");
  const { id } = await ada.see(old);
  const [, signature] = decodeURIComponent(await eve.cookie(old)).split(/\.(?=[^.]*$)/);
  for (const cookie of [String(id), `s:${id}`, `s:${id}.${signature}`, `s%3A${id}.${signature}`]) {
    const { answer } = await call(app.origin, "session", { protocol: 1, cookie });
    expect(answer).toMatchObject({ found: false });
  }
});
