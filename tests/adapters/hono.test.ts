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
