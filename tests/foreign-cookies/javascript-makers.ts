/** Session cookies of libraries for Node, each made by the library itself. */
import { createRequire } from "node:module";
import { HttpContextFactory } from "@adonisjs/core/factories/http";
import { stores } from "@adonisjs/session";
import { SessionMiddlewareFactory } from "@adonisjs/session/factories";
import { Auth } from "@auth/core";
import Credentials from "@auth/core/providers/credentials";
import secureSession from "@fastify/secure-session";
import { createServerClient } from "@supabase/ssr";
import { WorkOS } from "@workos-inc/node";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import cookieSession from "cookie-session";
import expressSession from "express-session";
import Fastify from "fastify";
import { H3, useSession } from "h3";
import { createApp, eventHandler, toWebHandler, useSession as useSession1 } from "h3-1";
import { getIronSession } from "iron-session";
import Koa from "koa";
import koaSession from "koa-session";
import type nextAuth from "next-auth";
import type nextAuthCredentials from "next-auth/providers/credentials";
import { createCookie, createCookieSessionStorage, type SessionStorage } from "react-router";
import { ask, type Made, readLines, SECRET, USER } from "./cookies.ts";

/** CommonJS, whose default export Node and Vitest put in different places. */
const require = createRequire(import.meta.url);
const NextAuth: typeof nextAuth.default = require("next-auth").default;
const NextAuthCredentials: typeof nextAuthCredentials.default =
  require("next-auth/providers/credentials").default;

/** Better Auth after a sign-up, with its cache of the session in a cookie. */
export async function betterAuthCookies(strategy: "compact" | "jwt" | "jwe", bio: string): Promise<Made[]> {
  const auth = betterAuth({
    baseURL: "http://localhost:3000",
    secret: SECRET,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true },
    user: { additionalFields: { bio: { type: "string", required: false } } },
    session: { cookieCache: { enabled: true, maxAge: 300, strategy } },
  });
  const answer = await auth.handler(
    new Request("http://localhost:3000/api/auth/sign-up/email", {
      method: "POST",
      headers: { "content-type": "application/json", origin: "http://localhost:3000" },
      body: JSON.stringify({ email: "ada@example.org", password: "a long password", name: "Ada", bio }),
    }),
  );
  return readLines(answer.headers.getSetCookie());
}

/** Auth.js after a login by its form; over https its names begin with `__Secure-`. */
export async function authJsCookies(bio: string, origin = "http://localhost:3000"): Promise<Made[]> {
  const config = {
    secret: SECRET,
    trustHost: true,
    basePath: "/auth",
    providers: [Credentials({ credentials: {}, authorize: () => ({ id: "42", name: bio }) })],
  };
  const url = `${origin}/auth`;
  const first = await Auth(new Request(`${url}/csrf`), config);
  const { csrfToken } = Object(await first.json());
  const before = readLines(first.headers.getSetCookie());
  const headers = {
    cookie: before.map(({ name, value }) => `${name}=${value}`).join("; "),
    "content-type": "application/x-www-form-urlencoded",
  };
  const body = new URLSearchParams({ csrfToken: String(csrfToken) });
  const login = new Request(`${url}/callback/credentials`, { method: "POST", headers, body });
  return [...before, ...readLines((await Auth(login, config)).headers.getSetCookie())];
}

/** next-auth 4 after a login by its form, in the handler for pages, without Next.js. */
export async function nextAuthCookies(bio: string, useSecureCookies = false): Promise<Made[]> {
  const quiet = () => undefined;
  const config = {
    secret: SECRET,
    useSecureCookies,
    logger: { warn: quiet, error: quiet, debug: quiet },
    providers: [NextAuthCredentials({ credentials: {}, authorize: async () => ({ id: "42", name: bio }) })],
  };
  const call = async (method: string, action: string[], cookies: object, body: object) => {
    let sent: unknown;
    const made = await ask((request, response) => {
      const query = { nextauth: action };
      const send = (given: unknown) => {
        sent = given;
        response.end();
      };
      const next = Object.assign(response, { status: () => next, json: send, send, redirect: send });
      const given = Object.assign(request, { method, query, cookies, body });
      return NextAuth(given as never, next as never, config);
    });
    return { made, sent };
  };
  const first = await call("GET", ["csrf"], {}, {});
  const cookies = Object.fromEntries(first.made.map(({ name, value }) => [name, decodeURIComponent(value)]));
  const { csrfToken } = Object(first.sent);
  const login = await call("POST", ["callback", "credentials"], cookies, { csrfToken, json: "true" });
  return [...first.made, ...login.made];
}

/** The session itself in the cookie, as Remix and React Router sign it. */
export function remixCookies(name: string, secrets: string[]): Promise<Made[]> {
  return commit(createCookieSessionStorage({ cookie: { name, secrets, httpOnly: true } }));
}

/** What React Router's other storages keep in the browser: a signed key. */
export async function remixKeyCookies(name: string): Promise<Made[]> {
  return readLines([await createCookie(name, { secrets: [SECRET] }).serialize("a1b2c3d4e5f6a7b8")]);
}

/** A cookie for another purpose, made in the same way. */
export async function remixThemeCookies(): Promise<Made[]> {
  return readLines([await createCookie("theme", { secrets: [SECRET] }).serialize({ dark: true })]);
}

async function commit(storage: SessionStorage): Promise<Made[]> {
  const session = await storage.getSession();
  for (const [key, value] of Object.entries(USER)) session.set(key, value);
  return readLines([await storage.commitSession(session)]);
}

/** h3's own session, in its second version. TanStack Start's `useSession` is this call with the name `start`. */
export async function h3Cookies(name?: string): Promise<Made[]> {
  const app = new H3().get("/", async (event) => {
    const settings = { password: SECRET, maxAge: 3600, ...(name !== undefined && { name }) };
    await (await useSession(event, settings)).update(USER);
    return "ok";
  });
  return readLines((await app.request("/")).headers.getSetCookie());
}

/** nuxt-auth-utils: `getUserSession` is a call of h3's first version with this name, which its module sets. */
export async function nuxtCookies(): Promise<Made[]> {
  const app = createApp().use(
    "/",
    eventHandler(async (event) => {
      await (await useSession1(event, { name: "nuxt-session", password: SECRET })).update(USER);
      return "ok";
    }),
  );
  const answer = await toWebHandler(app)(new Request("http://localhost/"));
  return readLines(answer.headers.getSetCookie());
}

/** WorkOS AuthKit: its SDK seals the session, the app sets the cookie under the name that AuthKit's packages share. */
export async function workOsCookies(): Promise<Made[]> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const accessToken = `${part({ alg: "RS256" })}.${part({ sub: "user_42", sid: "session_1" })}.c2ln`;
  const answer = { user: { id: "user_42" }, access_token: accessToken, refresh_token: "r" };
  const fetchFn = async () => Response.json(answer);
  const { userManagement } = new WorkOS("sk_test_1", { clientId: "client_1", fetchFn });
  const { sealedSession = "" } = await userManagement.authenticateWithCode({
    code: "c",
    session: { sealSession: true, cookiePassword: SECRET },
  });
  return [{ name: "wos-session", value: sealedSession }];
}

/** Supabase's client on a server, after a login. */
export async function supabaseCookies(bio: string): Promise<Made[]> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const end = Math.floor(Date.now() / 1000) + 3600;
  const session = {
    access_token: `${part({ alg: "HS256" })}.${part({ sub: "42", exp: end })}.c2ln`,
    token_type: "bearer",
    expires_in: 3600,
    expires_at: end,
    refresh_token: "r",
    user: { id: "42", user_metadata: { bio } },
  };
  const made: Made[] = [];
  const client = createServerClient("http://localhost:54321", "anon", {
    cookies: { getAll: () => [], setAll: (set) => void made.push(...set) },
    global: { fetch: async () => Response.json(session) },
  });
  await client.auth.signInWithPassword({ email: "ada@example.org", password: "x" });
  return made;
}

export function expressCookies(name: string): Promise<Made[]> {
  const middleware = expressSession({ name, secret: SECRET, resave: false, saveUninitialized: false });
  return ask((request, response) =>
    middleware(request, response, () => {
      Object.assign(Object(request).session, USER);
      response.end();
    }),
  );
}

export function cookieSessionCookies(): Promise<Made[]> {
  const middleware = cookieSession({ keys: [SECRET] });
  return ask((request, response) =>
    middleware(request, response, () => {
      Object.assign(Object(request).session, USER);
      response.end();
    }),
  );
}

export function koaCookies(): Promise<Made[]> {
  const app = new Koa();
  app.keys = [SECRET];
  app.use(koaSession({ maxAge: 3_600_000 } as never, app as never) as never);
  app.use((context) => {
    Object.assign(Object(context)["session"], USER);
    context.body = "ok";
  });
  return ask(app.callback());
}

/** iron-session; with `chunk`, a session that is too long for one cookie is split. */
export function ironCookies(bio = ""): Promise<Made[]> {
  const cookieOptions = { secure: false };
  const settings = { password: SECRET, cookieName: "app", ttl: 3600, chunk: true, cookieOptions };
  return ask(async (request, response) => {
    const session = await getIronSession<Partial<typeof USER>>(request, response, settings);
    Object.assign(session, USER, { bio });
    await session.save();
    response.end();
  });
}

/** AdonisJS: the session's key is in one cookie; with the cookie store, the session is in a second one. */
export async function adonisCookies(settings: {
  cookieName?: string;
  store: "cookie" | "memory";
}): Promise<Made[]> {
  const config = { ...settings, stores: { cookie: stores.cookie() } };
  const middleware = await new SessionMiddlewareFactory().merge({ config: config as never }).create();
  const context = new HttpContextFactory().create();
  context.response.cookie("theme", "dark");
  context.response.encryptedCookie("token", "x");
  await middleware.handle(context, async () => {
    for (const [key, value] of Object.entries(USER)) Object(context).session.put(key, value);
  });
  return readLines([context.response.getHeader("set-cookie") ?? []].flat().map(String));
}

export async function secureSessionCookies(): Promise<Made[]> {
  const app = Fastify();
  app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: "/" } });
  app.get("/", (request, reply) => {
    request.session.set("user_id" as never, USER.user_id as never);
    return reply.send("ok");
  });
  const { cookies } = await app.inject("/");
  await app.close();
  return cookies.map(({ name, value }) => ({ name, value: encodeURIComponent(value) }));
}
