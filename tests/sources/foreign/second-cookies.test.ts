/** Cookies whose signature is in a second cookie (T25, T26): the value alone proves nothing, and does not reach the store. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import cookieSessions from "cookie-session";
import express from "express";
import { openBridge } from "session-bridge/bridge";
import { type Calls, joinPossession } from "session-bridge/protocol";
import { type CookieSessionOptions, cookieSession } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { call, listen, readPossession, readTraceId, readTraces } from "../panel-client.ts";
import { startFileApp } from "./koa-apps.ts";

const secret = "a secret of these tests, longer than thirty-two characters";
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Write = "edit" | "expiry" | "flush";

/** The results of all calls of koa-session's source for one possession. */
async function callAll(base: string, cookie: string): Promise<string[]> {
  const possession = { protocol: 1, cookie, ifVersion: "x" };
  const operations = [{ op: "set" as const, path: ["admin"], valueJson: "true" }];
  const writes: { [N in Write]: Calls[N]["request"] } = {
    edit: { ...possession, operations },
    expiry: { ...possession, change: { kind: "seconds", seconds: 5 } },
    flush: possession,
  };
  const { answer } = await call(base, "session", { protocol: 1, cookie, keep: true });
  const seen = [answer.found ? answer.session.dataJson : answer.reason];
  for (const name of ["edit", "expiry", "flush"] as const) {
    seen.push(String(Reflect.get((await call(base, name, writes[name])).answer, "code")));
  }
  const kept = { cookie, sealed: randomBytes(200).toString("base64url") };
  const restored = await call(base, "restore", { protocol: 1, cookie, kept, replaces: null });
  return [...seen, String(Reflect.get(restored.answer, "code"))];
}

async function startKoa(options: Parameters<typeof startFileApp>[0] = {}) {
  const app = await startFileApp(options);
  closing.push(app.close);
  return app;
}

function send(base: string, path: string, possession: string, name = "koa.sess"): Promise<Response> {
  return fetch(base + path, { headers: possession === "" ? {} : { cookie: `${name}=${possession}` } });
}

async function startCookieSession(bridge: CookieSessionOptions) {
  const app = express();
  app.use(openBridge(cookieSession(bridge), { enabled: true, log: () => {} }));
  app.use(cookieSessions({ keys: [secret] }));
  app.use((request, response) => {
    const session = Reflect.get(request, "session");
    if (request.path === "/login") Reflect.set(session, "user", String(request.query["user"]));
    else if (request.path !== "/look")
      Reflect.set(session, "views", Number(Reflect.get(session, "views") ?? 0) + 1);
    response.send("done");
  });
  const server = createServer(app);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return listen(server);
}

describe("koa-session over a store of files", () => {
  it.each([undefined, [secret]])(
    "reads, writes and deletes no file for a path as a cookie: keys %j",
    async (keys) => {
      const app = await startKoa({ bridge: keys === undefined ? {} : { keys } });
      await readPossession(await fetch(`${app.base}/login?user=alice`), "koa.sess");
      const before = app.files();
      app.asked.length = 0;
      for (const path of ["../config", "../sessions/x", ".", "%2e%2e%2fconfig"]) {
        for (const cookie of [path, joinPossession(path, "koa.sess.sig", "x".repeat(27)), `"${path}`]) {
          const reason = keys === undefined && cookie.includes(";") ? "unproven" : "tampered";
          expect(await callAll(app.base, cookie)).toEqual([reason, ...Array(4).fill("not-possessed")]);
        }
      }
      expect(app.asked).toEqual([]);
      expect(app.files()).toEqual(before);
    },
  );

  it("shows a session for both cookies, even those that a response has just set", async () => {
    const app = await startKoa();
    const shown = readPossession(await fetch(`${app.base}/login?user=alice`), "koa.sess");
    const { answer } = await call(app.base, "session", { protocol: 1, cookie: shown });
    expect(answer).toMatchObject({ found: true, session: { dataJson: '{"user":"alice"}' } });
    const plain = await call(app.base, "session", { protocol: 1, cookie: shown.split(";")[0] ?? "" });
    expect(plain.answer).toMatchObject({ found: false, reason: "tampered" });
  });

  it("after a restart shows it only once the library has accepted the cookies in a request", async () => {
    const first = await startKoa();
    const shown = readPossession(await fetch(`${first.base}/login?user=alice`), "koa.sess");
    const again = await startKoa();
    const [key = ""] = shown.split(";");
    expect((await call(again.base, "session", { protocol: 1, cookie: shown })).answer).toMatchObject({
      reason: "unproven",
    });
    expect(again.asked).toEqual([]);
    await send(again.base, "/", shown);
    expect(again.asked).toContain(key);
    expect((await call(again.base, "session", { protocol: 1, cookie: shown })).answer).toMatchObject({
      reason: "unknown", // proven, and this store has it not
    });
  });

  it("accepts both immediately if the app's keys are known, as an array, a function or a Keygrip", async () => {
    const first = await startKoa();
    const shown = readPossession(await fetch(`${first.base}/login?user=alice`), "koa.sess");
    const { default: Keygrip } = await import("keygrip");
    for (const keys of [["newer", secret], () => [secret], new Keygrip([secret])]) {
      const app = await startKoa({ bridge: { keys } });
      const { answer } = await call(app.base, "session", { protocol: 1, cookie: shown });
      expect(answer).toMatchObject({ reason: "unknown" });
      const forged = shown.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
      expect((await call(app.base, "session", { protocol: 1, cookie: forged })).answer).toMatchObject({
        reason: "tampered",
      });
    }
  });

  it("does not count a cookie with a wrong signature as accepted, even if the app itself loads that key", async () => {
    const app = await startKoa();
    const [key = ""] = readPossession(await fetch(`${app.base}/login?user=bob`), "koa.sess").split(";");
    const forged = joinPossession(key, "koa.sess.sig", "x".repeat(27));
    await send(app.base, `/store?key=${key}`, forged);
    expect(app.asked).toContain(key);
    expect(await callAll(app.base, forged)).toEqual(["unproven", ...Array(4).fill("not-possessed")]);
  });

  it("does not count a key as accepted that the app itself has put into the cookie, even if it is signed", async () => {
    const app = await startKoa();
    const made = readPossession(await fetch(`${app.base}/hand?key=../config`), "koa.sess");
    expect(made).toMatch(/^\.\.\/config; koa\.sess\.sig=.{27}$/);
    expect((await callAll(app.base, made))[0]).toBe("unproven");
    expect(app.asked).toEqual([]);
  });

  it("shows nothing if the app signs nothing, and says so", async () => {
    const app = await startKoa({ bridge: { signed: false }, library: { signed: false } });
    const shown = readPossession(await fetch(`${app.base}/login?user=bob`), "koa.sess");
    const { answer: hello } = await call(app.base, "hello", { protocol: 1 });
    expect(hello).toMatchObject({ capabilities: [], unproven: expect.stringContaining("signed: false") });
    app.asked.length = 0;
    expect((await callAll(app.base, shown))[0]).toBe("unproven");
    expect(app.asked).toEqual([]);
  });

  it("shows nothing of an app that signs nothing, even if the bridge was not told", async () => {
    const app = await startKoa({ library: { signed: false } });
    for (const cookie of ["../config", joinPossession("../config", "koa.sess.sig", "x")]) {
      await send(app.base, "/", cookie);
      app.asked.length = 0;
      expect((await callAll(app.base, cookie))[0]).toMatch(/unproven|tampered/);
      expect(app.asked).toEqual([]);
    }
  });
});

describe("cookie-session", () => {
  it("shows nothing for a guessed cookie, even if a client has exactly that session", async () => {
    const base = await startCookieSession({ keys: [secret] });
    const first = await fetch(base);
    const held = readPossession(first, "session");
    const login = await send(base, "/login?user=alice", held, "session");
    const guesses = ['{"views":1}', '{"views":1,"user":"alice"}'].map((text) =>
      Buffer.from(text).toString("base64"),
    );
    expect(held.startsWith(`${guesses[0]};`)).toBe(true);
    const forged = guesses.map((text) => joinPossession(text, "session.sig", "x".repeat(27)));
    for (const cookie of [...guesses, ...forged]) {
      expect((await call(base, "session", { protocol: 1, cookie })).answer).toMatchObject({
        found: false,
        reason: "tampered",
      });
    }
    const mine = [held, readPossession(login, "session")];
    const ids = [first, login].map(readTraceId);
    const proven = await readTraces(base, mine, (found) => found.length >= 2);
    expect(proven.map(({ id }) => id)).toEqual(ids);
    // a trace without a session comes last, so nothing before it is still pending
    const bare = readTraceId(await fetch(`${base}/look`));
    const got = await readTraces(base, [...guesses, ...forged], (found) => found.length > 0, [...ids, bare]);
    expect(got.map(({ id }) => id)).toEqual([bare]);
  });

  it("sends a trace only to a panel that has proven both the request's and the response's cookie, so equal cookies show no one else's login", async () => {
    const base = await startCookieSession({ keys: [secret] });
    const [alice, bob] = [await fetch(base), await fetch(base)].map((one) => readPossession(one, "session"));
    expect(alice).toBe(bob);
    const login = await send(base, "/login?user=bob", bob ?? "", "session");
    const bobs = await readTraces(
      base,
      [bob ?? "", readPossession(login, "session")],
      (found) => found.length >= 3,
    );
    expect(bobs.at(-1)?.id).toBe(readTraceId(login));
    const bare = readTraceId(await fetch(`${base}/look`));
    const seen = await readTraces(base, [alice ?? ""], (found) => found.some(({ id }) => id === bare), [
      bare,
    ]);
    expect(seen.map(({ id }) => id)).not.toContain(readTraceId(login));
    expect(JSON.stringify(seen)).not.toContain("bob");
  });

  it.each([
    [{}, "keys"],
    [{ keys: [secret], signed: false }, "signed: false"],
  ])("says why it cannot tell whose a cookie is: %j", async (options, why) => {
    const base = await startCookieSession(options);
    const shown = readPossession(await fetch(base), "session");
    const { answer: hello } = await call(base, "hello", { protocol: 1 });
    expect(hello).toMatchObject({ capabilities: [], unproven: expect.stringContaining(why) });
    expect((await call(base, "session", { protocol: 1, cookie: shown })).answer).toMatchObject({
      reason: "unproven",
    });
  });
});
