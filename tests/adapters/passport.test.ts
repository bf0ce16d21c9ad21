/** Real passport on Express: its login and logout call `regenerate` and `save`. */
import express from "express";
import passport from "passport";
import { Strategy } from "passport-local";
import { cache } from "session-bridge";
import { sessionMiddleware } from "session-bridge/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { Visitor } from "./client.ts";
import { serveListener } from "./node-adapters.ts";
import { sessionsOn } from "./stores.ts";

const JOHN = { id: 123, name: "john_doe" };

let served: Served;
let visitor: Visitor;
beforeEach(async () => {
  const auth = new passport.Passport();
  auth.use(
    new Strategy((name, password, done) => {
      if (name === JOHN.name && password === "secret") done(null, JOHN);
      else done(null, false, { message: "Wrong name or password." });
    }),
  );
  auth.serializeUser((user: typeof JOHN, done) => done(null, user.id));
  auth.deserializeUser((id: number, done) => done(null, id === JOHN.id ? JOHN : false));
  const app = express();
  app.use(express.urlencoded());
  app.use(sessionMiddleware(sessionsOn(cache("memory:"))));
  app.use(auth.session());
  app.post("/login", auth.authenticate("local", { failureMessage: true }), (_request, response) => {
    response.redirect("/me");
  });
  app.get("/cart", (request, response) => {
    request.session["cart"] = ["pen"];
    response.send("ok");
  });
  app.get("/messages", (request, response) => void response.json(request.session.get("messages")));
  app.get("/me", (request, response) => {
    response.json({ user: request.user ?? null, cart: request.session.get("cart") ?? null });
  });
  app.post("/logout", (request, response, next) => {
    request.logout((error: unknown) => (error ? next(error) : response.redirect("/me")));
  });
  served = await serveListener(app);
  visitor = new Visitor(served.port);
});
afterEach(() => served.close());

const login = (password: string) =>
  visitor.ask("/login", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: `username=john_doe&password=${password}`,
  });
const me = async () => JSON.parse((await visitor.ask("/me")).body);

describe("passport", () => {
  it("logs a user in, under a new key, and finds them again", async () => {
    await visitor.ask("/cart");
    const before = visitor.cookie;
    expect((await login("secret")).get("location")).toBe("/me");
    expect(visitor.cookie).not.toBe(before);
    expect(await me()).toEqual({ user: JOHN, cart: null });
    visitor.cookie = before;
    expect(await me()).toEqual({ user: null, cart: null });
  });

  it("logs them out permanently", async () => {
    await login("secret");
    const { cookie } = visitor;
    await visitor.ask("/logout", { method: "POST" });
    expect(await me()).toEqual({ user: null, cart: null });
    visitor.cookie = cookie;
    expect(await me()).toEqual({ user: null, cart: null });
  });

  it("refuses a wrong password, and keeps its message in the session", async () => {
    expect((await login("wrong")).status).toBe(401);
    expect((await visitor.ask("/messages")).body).toBe('["Wrong name or password."]');
    expect(await me()).toEqual({ user: null, cart: null });
  });
});
