/** A cookie proves a session exactly when its library accepts it: each library is tested with requests, its source with proofs. */
import { createServer, type RequestListener, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import fastifyCookie from "@fastify/cookie";
import secureSessions from "@fastify/secure-session";
import fastifySessions, { MemoryStore } from "@fastify/session";
import cookieSessions from "cookie-session";
import express from "express";
import session from "express-session";
import Fastify from "fastify";
import { getIronSession } from "iron-session";
import Keygrip from "keygrip";
import Koa from "koa";
import koaSessions from "koa-session";
import type { ProvenKey, Source } from "session-bridge/bridge";
import { joinPossession } from "session-bridge/protocol";
import {
  cookieSession,
  expressSession,
  fastifySession,
  ironSession,
  koaSession,
  secureSession,
} from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { createProofs } from "../../../server-bridge/src/bridge/calls/proof.ts";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { readCookie } from "../panel-client.ts";

const secret = "a secret of these tests, longer than thirty-two characters";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Subject {
  source: Source;
  cookieName: string;
  port: number;
  /** What the library accepted from the last request: a key that it loaded from its store, or the data; null for nothing. */
  taken(): string | null;
}

/** Counts a library's calls to its store. */
function spy<S extends object>(store: S): { store: S; asked: string[] } {
  const asked: string[] = [];
  const get: unknown = Reflect.get(store, "get");
  const listening = function (this: unknown, id: string, ...rest: unknown[]) {
    asked.push(id);
    return Reflect.apply(get as () => unknown, this, [id, ...rest]); // a store's own
  };
  return { store: Object.assign(store, { get: listening }), asked };
}

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port; // a listening TCP server has one
}

const storedIn = (asked: string[]) => () => asked.splice(0).at(-1) ?? null;

const SUBJECTS: Record<string, () => Promise<Subject>> = {
  async "express-session"() {
    const { store, asked } = spy(new session.MemoryStore());
    const app = express();
    app.use(session({ secret, store, resave: false, saveUninitialized: true }), (_, response) => {
      response.send("");
    });
    const source = expressSession({ secret, store: store as never });
    return { source, cookieName: "connect.sid", port: await serve(app), taken: storedIn(asked) };
  },
  async "@fastify/session"() {
    const { store, asked } = spy(new MemoryStore());
    const app = Fastify({ forceCloseConnections: true });
    await app.register(fastifyCookie);
    await app.register(fastifySessions, { secret, store, cookie: { secure: false } });
    app.get("/", async () => "");
    closing.push(() => app.close());
    const port = Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port);
    return {
      source: fastifySession({ secret, store }),
      cookieName: "sessionId",
      port,
      taken: storedIn(asked),
    };
  },
  async "koa-session"() {
    const kept = new Map<string, object>();
    const { store, asked } = spy({
      get: async (key: string) => kept.get(key),
      set: async (key: string, data: object) => void kept.set(key, data),
      destroy: async (key: string) => void kept.delete(key),
    });
    const app = new Koa();
    app.keys = [secret];
    app.use(koaSessions({ store } as never, app as never) as never);
    app.use((context) => {
      Object.assign(context["session"], { n: 1 });
      context.body = "";
    });
    const source = koaSession({ store: { ...store }, keys: [secret] });
    return { source, cookieName: "koa.sess", port: await serve(app.callback()), taken: storedIn(asked) };
  },
  async "koa-session without a store"() {
    let taken: string | null = null;
    const app = new Koa();
    app.keys = [secret];
    app.use(koaSessions(app as never) as never);
    app.use((context) => {
      taken = context["session"].isNew ? null : JSON.stringify(context["session"]);
      Object.assign(context["session"], { n: 1 });
      context.body = "";
    });
    const source = cookieSession({ name: "koa.sess", keys: () => [secret] });
    return { source, cookieName: "koa.sess", port: await serve(app.callback()), taken: () => taken };
  },
  async "cookie-session"() {
    let taken: string | null = null;
    const app = express();
    app.use(cookieSessions({ keys: ["newer", secret] }), (request, response) => {
      const held = Reflect.get(request, "session");
      taken = held.isNew ? null : JSON.stringify(held);
      Object.assign(held, { n: Number(held.n ?? 0) + 1 });
      response.send("");
    });
    const source = cookieSession({ keys: ["newer", secret] });
    return { source, cookieName: "session", port: await serve(app), taken: () => taken };
  },
  async "iron-session"() {
    let taken: string | null = null;
    const settings = { password: secret, cookieName: "iron", cookieOptions: { secure: false } };
    const port = await serve(async (request, response) => {
      const held = await getIronSession<{ n?: number }>(request, response, settings);
      taken = held.n === undefined ? null : JSON.stringify(held);
      held.n = 1;
      await held.save();
      response.end();
    });
    return { source: ironSession(settings), cookieName: "iron", port, taken: () => taken };
  },
  async "@fastify/secure-session"() {
    let taken: string | null = null;
    const key = Buffer.alloc(32, 7);
    const app = Fastify({ forceCloseConnections: true });
    await app.register(secureSessions, { key, cookie: { path: "/" } });
    app.get("/", async (request) => {
      const held = Reflect.get(request, "session") as never as Map<string, unknown>; // as much of it as is needed
      const n = held.get("n");
      taken = n === undefined ? null : JSON.stringify({ n });
      held.set("n", 1);
      return "";
    });
    closing.push(() => app.close());
    const port = Number(new URL(await app.listen({ port: 0, host: "127.0.0.1" })).port);
    return { source: secureSession({ key }), cookieName: "session", port, taken: () => taken };
  },
};

/** Sends a Cookie header unchanged. */
function ask(port: number, cookie: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = send({ port, host: "127.0.0.1", headers: { cookie } }, (response) => {
      response.resume().once("end", resolve);
    });
    sent.once("error", reject).end();
  });
}

/** The same numbers from 0 to 1 each time (xorshift). */
function createChance(): () => number {
  let state = 2_463_534_242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A character that is valid in a Cookie header's value. */
function drawCharacter(chance: () => number): string {
  const code = 0x21 + Math.floor(chance() * 94);
  return code === 0x3b ? "%" : String.fromCharCode(code);
}

function mutate(value: string, chance: () => number): string {
  const at = Math.floor(chance() * value.length);
  const forms = [
    () => value,
    () => value.slice(0, at),
    () => value.slice(at),
    () => value.slice(0, at) + drawCharacter(chance) + value.slice(at + 1),
    () => value.slice(0, at) + drawCharacter(chance) + value.slice(at),
    () => `"${value}"`,
    () => `"${value}`,
    () => encodeURIComponent(value),
    () => decodeURIComponent(value.replace(/%(?![0-9A-F]{2})/gi, "%25")).replaceAll(";", "%3B"),
    () => `j:${value}`,
    () => `s:${value}`,
    () => `s%3A${value}`,
    () => `${value}.`,
    () => `${value}%`,
    () => `.${value}`,
    () => value.replace(".", ""),
    () => value.replace(/[^.]*/, ""),
    () => value.toUpperCase(),
    () => Array.from({ length: 1 + at }, () => drawCharacter(chance)).join(""),
  ];
  return (forms[Math.floor(chance() * forms.length)]?.() ?? value).trim();
}

/** The `n` of the session that a cookie carries. */
async function contentsOf(source: Source, key: ProvenKey): Promise<unknown> {
  const read = await source.read(key);
  return read.found ? numberIn(read.view.json) : "nothing";
}

function numberIn(json: string | null): unknown {
  return json?.startsWith("{") ? JSON.parse(json).n : null;
}

describe.each(Object.keys(SUBJECTS))("a cookie of %s", (library) => {
  it("is proven only when the library accepts it: tested with 800 changed ones", async () => {
    const { source, cookieName, port, taken } = await (SUBJECTS[library] ?? Promise.reject)();
    const proofs = createProofs(source, createDigests(undefined));
    const [signatureName] = source.signatureNames ?? [];
    const issued = await fetch(`http://127.0.0.1:${port}`);
    const good = readCookie(issued, cookieName);
    const signature = signatureName === undefined ? "" : readCookie(issued, signatureName);
    taken();
    const chance = createChance();
    let proven = 0;
    for (let n = 0; n < 800; n += 1) {
      const changes = chance();
      const value = changes < 0.7 ? mutate(good, chance) : good;
      const signed = changes < 0.6 ? signature : mutate(signature, chance);
      const pair = signatureName === undefined ? "" : `; ${signatureName}=${signed}`;
      await ask(port, `${cookieName}=${value}${pair}`);
      const accepted = taken();
      const possession = signatureName === undefined ? value : joinPossession(value, signatureName, signed);
      const { key } = await proofs.prove(possession);
      expect([possession, key !== null]).toEqual([possession, accepted !== null]);
      if (key === null) continue;
      proven += 1;
      expect(key === accepted || (await contentsOf(source, key)) === numberIn(accepted)).toBe(true);
    }
    expect(proven).toBeGreaterThan(50);
    expect(proven).toBeLessThan(750);
  });
});

describe("an expired cookie", () => {
  it("proves nothing, because @fastify/secure-session no longer accepts it", async () => {
    const key = Buffer.alloc(32, 7);
    const app = Fastify();
    await app.register(secureSessions, { key, expiry: 3600 });
    closing.push(() => app.close());
    await app.ready();
    const begun = Math.floor(Date.now() / 1000);
    const proofs = createProofs(secureSession({ key, expirySeconds: 3600 }), createDigests(undefined));
    for (const [age, isGood] of [
      [3700, false],
      [3500, true],
    ] as const) {
      const made = app.createSecureSession({ __ts: begun - age, n: 1 });
      const cookie = app.encodeSecureSession(made);
      expect(app.decodeSecureSession(cookie) !== null).toBe(isGood);
      expect((await proofs.prove(encodeURIComponent(cookie))).key !== null).toBe(isGood);
    }
  });

  it("proves nothing, because koa-session no longer accepts it", async () => {
    const { source, cookieName, port, taken } = await (
      SUBJECTS["koa-session without a store"] ?? Promise.reject
    )();
    const proofs = createProofs(source, createDigests(undefined));
    for (const [left, isGood] of [
      [-1_000, false],
      [60_000, true],
    ] as const) {
      const data = { n: 1, _expire: Date.now() + left, _maxAge: 60_000 };
      const value = Buffer.from(JSON.stringify(data)).toString("base64");
      const signature = new Keygrip([secret]).sign(`${cookieName}=${value}`);
      const pair = joinPossession(value, `${cookieName}.sig`, signature);
      await ask(port, `${cookieName}=${pair}`);
      expect(taken() !== null).toBe(isGood);
      expect((await proofs.prove(pair)).key !== null).toBe(isGood);
    }
  });
});
