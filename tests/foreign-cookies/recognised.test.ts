/** Session cookies that the libraries themselves made: whose they are, and what can be read from them without a secret. */
import { beforeAll, describe, expect, it } from "vitest";
import { recognise } from "../../extension/background/recognise.ts";
import { recogniseChunks } from "../../extension/background/recognise-chunks.ts";
import { toTabCookie } from "../../extension/background/to-tab-cookie.ts";
import { decodeCookie } from "../../extension/logic/decoders/decode.ts";
import { LONG, type Made, pick, USER } from "./cookies.ts";
import {
  adonisCookies,
  authJsCookies,
  betterAuthCookies,
  cookieSessionCookies,
  expressCookies,
  h3Cookies,
  ironCookies,
  koaCookies,
  nextAuthCookies,
  nuxtCookies,
  remixCookies,
  remixKeyCookies,
  remixThemeCookies,
  secureSessionCookies,
  supabaseCookies,
  workOsCookies,
} from "./javascript-makers.ts";
import { pythonCookies } from "./python-makers.ts";

const python = await pythonCookies();

function recogniseMade({ name, value }: Made) {
  return recognise(name, value);
}

/** What a browser adds to a cookie. */
const COOKIE = {
  domain: "localhost",
  hostOnly: true,
  path: "/",
  secure: false,
  httpOnly: true,
  session: true,
  storeId: "0",
};

const parse = (json: string | null | undefined) => JSON.parse(json ?? "null");

const HTTPS = "https://shop.example";

interface Expected {
  framework: string;
  format: string;
  /** What can be read from it; absent if only its server can read it. */
  data?: object;
}

const cases: [library: string, make: () => Promise<Made[]>, name: string, expected: Expected][] = [
  ["React Router", () => remixCookies("__session", ["s3cret"]), "__session", remix()],
  ["React Router, renamed", () => remixCookies("en_session", ["s3cret"]), "en_session", remix()],
  ["React Router without a secret", () => remixCookies("__session", []), "__session", unsignedRemix()],
  ["React Router with a store", () => remixKeyCookies("__session"), "__session", remixKey()],
  ["h3", h3Cookies, "h3", { framework: "h3", format: "h3" }],
  ["nuxt-auth-utils", nuxtCookies, "nuxt-session", { framework: "Nuxt", format: "Nuxt (sealed by h3)" }],
  ["WorkOS AuthKit", workOsCookies, "wos-session", { framework: "WorkOS", format: "WorkOS AuthKit" }],
  ["iron-session", ironCookies, "app", { framework: "iron-session", format: "iron-session" }],
  ["express-session", () => expressCookies("connect.sid"), "connect.sid", express()],
  ["express-session, renamed", () => expressCookies("app"), "app", express()],
  ["cookie-session", cookieSessionCookies, "session", cookieSession()],
  ["koa-session", koaCookies, "koa.sess", { framework: "Koa", format: "koa-session", data: USER }],
  ["@fastify/secure-session", secureSessionCookies, "session", secureSession()],
  ["Better Auth's token", () => betterAuthCookies("compact", ""), "better-auth.session_token", betterAuth()],
  ["Better Auth", () => betterAuthCookies("compact", ""), "better-auth.session_data", betterAuth(true)],
  ["Better Auth as JWT", () => betterAuthCookies("jwt", ""), "better-auth.session_data", betterAuthJwt()],
  ["Better Auth as JWE", () => betterAuthCookies("jwe", ""), "better-auth.session_data", betterAuthJwe()],
  ["Auth.js", () => authJsCookies("Ada"), "authjs.session-token", authJs()],
  ["Auth.js over https", () => authJsCookies("Ada", HTTPS), "__Secure-authjs.session-token", authJs()],
  ["next-auth 4", () => nextAuthCookies("Ada"), "next-auth.session-token", nextAuth()],
  ["next-auth 4, secure", () => nextAuthCookies("Ada", true), "__Secure-next-auth.session-token", nextAuth()],
  ["TanStack Start", () => h3Cookies("start"), "start", tanStackStart()],
  ["AdonisJS", () => adonisCookies({ store: "memory" }), "adonis_session", adonis()],
  [
    "AdonisJS, renamed",
    () => adonisCookies({ cookieName: "shop_sid", store: "memory" }),
    "shop_sid",
    adonis(),
  ],
];

function remix(): Expected {
  return { framework: "Remix", format: "Remix or React Router", data: USER };
}
function unsignedRemix(): Expected {
  return { framework: "Remix", format: "Base64 JSON", data: USER };
}
function remixKey(): Expected {
  return { framework: "Remix", format: "Remix or React Router" };
}
function express(): Expected {
  return { framework: "Express", format: "express-session" };
}
function cookieSession(): Expected {
  return { framework: "cookie-session", format: "cookie-session", data: USER };
}
function secureSession(): Expected {
  return { framework: "Fastify", format: "@fastify/secure-session" };
}
function betterAuth(reads = false): Expected {
  const data = { session: { user: { name: "Ada" } } };
  return { framework: "Better Auth", format: "Better Auth", ...(reads && { data }) };
}
function betterAuthJwt(): Expected {
  return { framework: "Better Auth", format: "Better Auth, JWT (HS256)", data: { user: { name: "Ada" } } };
}
function betterAuthJwe(): Expected {
  return { framework: "Better Auth", format: "Better Auth, JWE (dir, A256CBC-HS512)" };
}
function authJs(): Expected {
  return { framework: "Auth.js", format: "Auth.js, JWE (dir, A256CBC-HS512)" };
}
function nextAuth(): Expected {
  return { framework: "Auth.js", format: "NextAuth.js, JWE (dir, A256GCM)" };
}
function tanStackStart(): Expected {
  return { framework: "TanStack Start", format: "TanStack Start (sealed by h3)" };
}
function adonis(): Expected {
  return { framework: "Adonis", format: "AdonisJS" };
}

describe("the cookie that a session library makes", () => {
  it.each(cases)("is recognised and read as far as it can be: %s", async (_, make, name, expected) => {
    const cookie = pick(await make(), name);
    expect(recogniseMade(cookie)).toEqual({ framework: expected.framework, role: "session" });
    const decoded = await decodeCookie(cookie);
    expect(decoded?.format).toBe(expected.format);
    if (expected.data === undefined) expect(decoded?.json).toBeNull();
    else expect(parse(decoded?.json)).toMatchObject(expected.data);
  });

  it("says when it expires if it contains that: iron's seals, Better Auth, koa-session, Supabase", async () => {
    const ends = [
      [await ironCookies(), "app", 3600],
      [await h3Cookies(), "h3", 3600],
      [await koaCookies(), "koa.sess", 3600],
      [await betterAuthCookies("compact", ""), "better-auth.session_data", 300],
      [await supabaseCookies(LONG), "sb-localhost-auth-token.0", 3600],
    ] as const;
    for (const [made, name, seconds] of ends) {
      const left = ((await decodeCookie(pick(made, name)))?.expiresAt ?? 0) - Date.now();
      expect(left / 1000, name).toBeGreaterThan(seconds - 60);
      expect(left / 1000, name).toBeLessThan(seconds + 61);
    }
  });

  it("says no expiry if its seal has none", async () => {
    expect((await decodeCookie(pick(await workOsCookies(), "wos-session")))?.expiresAt).toBeNull();
  });
});

describe("a session in chunks", () => {
  const chunked = [
    ["Better Auth", () => betterAuthCookies("compact", LONG), "better-auth.session_data", "Better Auth"],
    [
      "Better Auth as JWT",
      () => betterAuthCookies("jwt", LONG),
      "better-auth.session_data",
      "Better Auth, JWT (HS256)",
    ],
    ["Auth.js", () => authJsCookies(LONG), "authjs.session-token", authJs().format],
    ["next-auth 4", () => nextAuthCookies(LONG, true), "__Secure-next-auth.session-token", nextAuth().format],
    ["Supabase", () => supabaseCookies(LONG), "sb-localhost-auth-token", "Supabase"],
    ["iron-session", () => ironCookies(LONG), "app", "iron-session"],
  ] as const;

  it.each(chunked)(
    "of %s is joined, starting from any of its chunks, and lists them",
    async (_, make, base, format) => {
      const made = await make();
      const names = made.filter(({ name }) => name.startsWith(`${base}.`)).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(2);
      const listed = recogniseChunks(made.map((each) => toTabCookie({ ...COOKIE, ...each })));
      for (const name of names) {
        const cookie = pick(made, name);
        expect(listed.find((each) => each.name === name)?.recognised?.role).toBe("session");
        const decoded = await decodeCookie(cookie);
        expect(decoded?.format).toBe(format);
        expect(decoded?.notes[0]).toBe(`Joined from ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`);
        if (/JWE|iron/.test(format)) expect(decoded).toMatchObject({ json: null });
        else expect(decoded?.json).toContain(LONG);
      }
    },
  );

  it.each(chunked)("of %s is not read if a chunk is missing, which is named", async (_, make, base) => {
    const made = (await make()).filter(({ name }) => name !== `${base}.1`);
    const decoded = await decodeCookie(pick(made, `${base}.2`));
    expect(decoded).toMatchObject({ json: null, notes: [`${base}.1 is missing, so it cannot be read.`] });
  });

  it("without its last chunk is not treated as complete", async () => {
    const made = await betterAuthCookies("compact", LONG);
    const decoded = await decodeCookie(pick(made.slice(0, -1), "better-auth.session_data.0"));
    expect(decoded?.json).toBeNull();
    expect(decoded?.notes.join(" ")).toContain("A chunk at its end may be missing");
  });
});

describe("AdonisJS with its cookie store", () => {
  it("keeps the session in a second cookie, which the first names", async () => {
    const made = await adonisCookies({ store: "cookie" });
    const key = pick(made, "adonis_session");
    const data = made.find(({ name }) => /^[0-9a-f-]{36}$/.test(name));
    expect((await decodeCookie(key))?.notes).toEqual([
      `It is a key: the session itself is in the cookie ${data?.name}.`,
    ]);
    const sealed = pick(made, data?.name ?? "");
    expect(recogniseMade(sealed)).toEqual({ framework: "Adonis", role: "session" });
    expect(await decodeCookie(sealed)).toMatchObject({
      format: "AdonisJS",
      json: null,
      notes: ["It is encrypted: only the server can read it."],
    });
  });
});

describe("a cookie for another purpose", () => {
  it("that AdonisJS signs or encrypts is not treated as a session", async () => {
    const made = await adonisCookies({ store: "memory" });
    expect(recogniseMade(pick(made, "theme"))).toBeNull();
    expect(recogniseMade(pick(made, "token"))).toBeNull();
    expect(parse((await decodeCookie(pick(made, "theme")))?.json)).toMatchObject({ message: "dark" });
  });

  it("that React Router signs is not treated as a session", async () => {
    expect((await remixThemeCookies()).map(recogniseMade)).toEqual([null]);
  });

  it("that is next to an Auth.js session is its companion", async () => {
    const made = await authJsCookies("Ada");
    expect(recogniseMade(pick(made, "authjs.csrf-token"))?.role).toBe("csrf");
  });
});

describe.skipIf(python === null)("the cookie that a Python framework makes", () => {
  let made: Record<string, Made[][]>;
  beforeAll(() => {
    made = python ?? {};
  });

  it.each(["Starlette", "Starlette, renamed", "FastAPI"])("is recognised and read: %s", async (name) => {
    const cookies = (made[name] ?? []).flat();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(recogniseMade(cookie)).toEqual({ framework: "Starlette", role: "session" });
      const decoded = await decodeCookie({ ...cookie, siblings: [] });
      expect(decoded?.format).toBe("Starlette");
      expect(parse(decoded?.json)).toMatchObject(USER);
      expect(Math.abs((decoded?.issuedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    }
  });

  it("is Flask's and not Starlette's, plain and compressed, at any length", async () => {
    const cookies = (made["Flask"] ?? []).flat();
    expect(cookies).toHaveLength(4);
    for (const cookie of cookies) {
      expect(recogniseMade(cookie)).toEqual({ framework: "Flask", role: "session" });
      const decoded = await decodeCookie({ ...cookie, siblings: [] });
      expect(decoded?.format).toBe("Flask");
      expect(parse(decoded?.json)).toMatchObject(USER);
    }
  });

  it("is not a session if Django signs its messages, plain and compressed, or a language", async () => {
    const cookies = (made["Django's messages"] ?? []).flat();
    expect(cookies.map(({ name }) => name)).toEqual(["messages", "language", "messages", "language"]);
    expect(cookies.map(recogniseMade)).toEqual([null, null, null, null]);
    expect(await decodeCookie({ ...pick(cookies, "messages"), siblings: [] })).toMatchObject({
      format: "Django messages",
    });
  });
});
