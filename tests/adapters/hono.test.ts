/** What only Hono does: it keeps the session as a value in its context; the other frameworks have a getter. */
import { Hono } from "hono";
import { type SessionVariables, sessionMiddleware } from "session-bridge/fetch";
import { expect, it } from "vitest";
import { asyncEngine, sessionsOn } from "./stores.ts";

it("returns the new session after regenerate, and stores what is written to it", async () => {
  const app = new Hono<{ Variables: SessionVariables<{ user_id: number }> }>();
  app.use(sessionMiddleware(sessionsOn(asyncEngine())));
  app.get("/login", async (context) => {
    await context.get("session").regenerate();
    context.get("session").set("user_id", 123);
    return context.text("welcome");
  });
  app.get("/read", (context) => context.json(context.var.session));
  const login = await app.request("/login");
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  const read = await app.request("/read", { headers: { cookie } });
  expect(await read.json()).toEqual({ user_id: 123 });
});

it("does so for a second session under another name, too", async () => {
  const app = new Hono<{ Variables: SessionVariables & SessionVariables<object, "adminSession"> }>();
  app.use(sessionMiddleware(sessionsOn(asyncEngine())));
  const admin = sessionsOn(asyncEngine(), { cookieName: "admin_sid" });
  app.use(sessionMiddleware(admin, { as: "adminSession" }));
  app.get("/login", async (context) => {
    const before = context.get("session");
    await context.get("adminSession").regenerate();
    context.get("adminSession").set("user_id", 1);
    return context.json(before === context.get("session"));
  });
  const login = await app.request("/login");
  expect(await login.json()).toBe(true);
  const key = /^admin_sid=(\w+);/.exec(login.headers.getSetCookie().join("\n"))?.[1] ?? "";
  const stored = admin.open(key);
  await stored.load();
  expect(stored.get("user_id")).toBe(1);
});
