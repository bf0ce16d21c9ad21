/** Neighbours that store something in the session: csrf-sync, connect-flash and passport. */
import flash from "connect-flash";
import { csrfSync } from "csrf-sync";
import express from "express";
import passport from "passport";
import { Strategy } from "passport-local";
import { expect } from "vitest";
import type { Browser } from "../client.ts";
import {
  CONNECT_HOSTS,
  type ConnectMiddleware,
  fromExpress,
  type Neighbour,
  redirect,
  sendJson,
} from "../neighbour.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

type Flashing = { flash(kind: string, message?: string): unknown };
type Protected = { csrfToken(): string };
type Logged = { user?: { name: string }; logout(done: (error: unknown) => void): void };

/** csrf-sync, connect-flash and passport. */
export const SESSION_USERS: readonly Neighbour[] = [
  {
    name: "csrf-sync",
    hosts: CONNECT_HOSTS,
    place: ({ position }) => ({
      connect: [fromExpress(csrfSync().csrfSynchronisedProtection)],
      pages: {
        "/token": (request, response) =>
          sendJson(response, (request as typeof request & Protected).csrfToken()), // csrf-sync has put it there
        "/pay": (_request, response) => sendJson(response, "paid"),
      },
      prove: position === "after" ? proveProtection : proveNoSession,
    }),
  },
  {
    name: "connect-flash",
    hosts: CONNECT_HOSTS,
    place: () => ({
      connect: [fromExpress(flash())],
      pages: {
        "/save": (request, response) => {
          (request as unknown as Flashing).flash("info", "Saved."); // connect-flash has put it there
          redirect(response, "/list");
        },
        "/list": (request, response) => sendJson(response, (request as unknown as Flashing).flash("info")), // as above
      },
      prove: async (browser) => {
        const { headers } = await browser.ask("/save");
        expect(headers["location"]).toEqual(["/list"]);
        expect((await browser.ask("/list")).body).toBe('["Saved."]');
        expect((await browser.ask("/list")).body).toBe("[]");
      },
    }),
  },
  {
    name: "passport",
    hosts: CONNECT_HOSTS,
    place: () => {
      const auth = createPassport();
      const pages: Record<string, ConnectMiddleware> = {
        "/login": (request, response, next) => {
          const login = fromExpress(auth.authenticate("local"));
          void login(request, response, (error) => (error ? next(error) : redirect(response, "/me")));
        },
        "/me": (request, response) => sendJson(response, (request as unknown as Logged).user?.name ?? null), // passport has put them there
        "/logout": (request, response, next) =>
          (request as unknown as Logged).logout((error) => (error ? next(error) : redirect(response, "/me"))), // as above
      };
      return {
        connect: [express.urlencoded(), auth.initialize(), auth.session()].map(fromExpress),
        pages,
        prove: proveLogin,
      };
    },
  },
];

async function proveProtection(browser: Browser): Promise<void> {
  expect((await browser.ask("/pay", { method: "POST" })).status).toBe(403);
  const token = JSON.parse((await browser.ask("/token")).body);
  expect((await browser.ask("/pay", { method: "POST", headers: { "x-csrf-token": "no" } })).status).toBe(403);
  const paid = await browser.ask("/pay", { method: "POST", headers: { "x-csrf-token": token } });
  expect([paid.status, paid.body]).toEqual([200, '"paid"']);
}

/** Before the session there is no token to compare with, and csrf-sync looks for one. */
async function proveNoSession(browser: Browser): Promise<void> {
  expect((await browser.ask("/pay", { method: "POST" })).status).toBe(500);
}

function createPassport(): passport.Authenticator {
  const auth = new passport.Passport();
  auth.use(new Strategy((name, password, done) => done(null, password === "secret" ? { name } : false)));
  auth.serializeUser((user, done) => done(null, user));
  auth.deserializeUser((user: Express.User, done) => done(null, user));
  return auth;
}

async function proveLogin(browser: Browser): Promise<void> {
  const login = (password: string) =>
    browser.ask("/login", { method: "POST", headers: FORM, body: `username=john&password=${password}` });
  await browser.ask("/small");
  const before = browser.cookie;
  expect((await login("wrong")).status).toBe(401);
  expect((await login("secret")).headers["location"]).toEqual(["/me"]);
  expect(browser.cookie).not.toBe(before);
  expect((await browser.ask("/me")).body).toBe('"john"');
  const { cookie } = browser;
  await browser.ask("/logout");
  expect((await browser.ask("/me")).body).toBe("null");
  expect((await browser.ask("/me", { headers: { cookie: String(cookie) } })).body).toBe("null");
}
