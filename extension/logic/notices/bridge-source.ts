/** What the bridge takes for the sessions of one library, as code: chosen by the page's session cookie and its framework. */
import type { NodeFramework, NodeSite, SessionCookie } from "./page-server.ts";

/** What `openBridge` and `attachBridge` take. */
export interface BridgeSource {
  library: string;
  /** Exported by `session-bridge/sources`; absent for the sessions of session-bridge itself. */
  importName?: string;
  code: string;
  /** What the code takes from a file of the app: names, and where such a file usually is, next to the one of the bridge. */
  needs?: { names: string; from: string };
  /** What must be in the app so that the code finds what it needs, as a sentence. */
  condition?: string;
  /** What the app's own code adds to show each of its calls or writes, where the session is defined. */
  trace?: { importName: string; sentence: string };
}

type Host = NodeFramework | NodeSite;

/** What follows a cookie's name if its value is split into several. */
const CHUNK = /\.\d+$/;

/** The source for the page's cookie. Without one that a source reads: the library that is common in this framework. */
export function sourceOf(host: Host, cookie: SessionCookie | null): BridgeSource {
  const keys = host === "Koa" ? "keys: app.keys" : "keys";
  const name = cookie === null ? null : nameInCode(cookie.name.replace(/\.sig$/, ""));
  const option = (key: string, usual: string) =>
    name === null || name === usual ? "" : `, ${key}: "${name}"`;
  switch (cookie === null ? null : libraryOf(cookie)) {
    case "session-bridge":
      return { library: "session-bridge", code: "sessions" };
    case "express-session":
      return foreign("express-session", "expressSession", `secret${option("name", "connect.sid")}`);
    case "cookie-session":
      return foreign("the session", "cookieSession", `${keys}${option("name", "session")}`);
    case "koa-session":
      return foreign("koa-session", "koaSession", `store, keys: app.keys${option("key", "koa.sess")}`);
    case "@fastify/session":
      return foreign(
        "@fastify/session",
        "fastifySession",
        `secret, store${option("cookieName", "sessionId")}`,
      );
    case "@fastify/secure-session":
      return foreign("@fastify/secure-session", "secureSession", `key${option("cookieName", "session")}`);
    case "iron-session":
      return ironSession(host, name?.replace(CHUNK, "") ?? "iron");
    case "Better Auth":
      return betterAuth(host);
    case "Auth.js":
      return authJs(host, name ?? "", cookie?.value ?? "");
    case "Lucia":
      return customSource(host, name ?? "auth_session");
    case null:
      return usualOf(host, cookie?.framework === "unknown" ? name : null);
  }
}

function usualOf(host: Host, name: string | null): BridgeSource {
  switch (host) {
    case "Express":
    case "any":
      return foreign("express-session", "expressSession", "secret");
    case "Fastify":
      return foreign("@fastify/session", "fastifySession", "secret, store");
    case "Koa":
      return foreign("koa-session", "koaSession", "store, keys: app.keys");
    case "Hono":
      return { library: "session-bridge", code: "sessions" };
    default:
      return customSource(host, name ?? "auth-session");
  }
}

function foreign(library: string, importName: string, options: string): BridgeSource {
  return { library, importName, code: `${importName}({ ${options} })` };
}

function ironSession(host: Host, cookieName: string): BridgeSource {
  if (host !== "Next.js")
    return foreign("your handlers", "ironSession", `password, cookieName: "${cookieName}"`);
  return {
    ...foreign(
      "iron-session",
      "ironSession",
      `password: process.env.SESSION_PASSWORD, cookieName: "${cookieName}"`,
    ),
    trace: {
      importName: "traceIronSession",
      sentence:
        "To see which line wrote each key, import traceIronSession where you call getIronSession, and return traceIronSession(await getIronSession(await cookies(), options)).",
    },
  };
}

function betterAuth(host: Host): BridgeSource {
  return {
    ...{ library: "the handler of Better Auth", importName: "betterAuth", code: "betterAuth(auth)" },
    needs: { names: "auth", from: "./lib/auth" },
    ...(host === "Next.js" && {
      trace: {
        importName: "traceBetterAuth",
        sentence:
          "To see what each request does, import traceBetterAuth where auth is made, and add plugins: [traceBetterAuth()].",
      },
    }),
  };
}

/** next-auth 4 and Auth.js 5 differ in their cookie's name. A value that is no JWE is the key of a row. */
function authJs(host: Host, name: string, value: string): BridgeSource {
  const whole = name.replace(CHUNK, "");
  const variable = whole.includes("next-auth.") ? "NEXTAUTH_SECRET" : "AUTH_SECRET";
  const isRow = whole === name && value !== "" && !value.startsWith("eyJ");
  const usesVite = host === "SvelteKit" && !isRow;
  const options = [isRow ? "adapter" : `secret: ${usesVite ? "env" : "process.env"}.${variable}`];
  if (whole !== "" && whole !== "authjs.session-token") options.push(`cookieName: "${whole}"`);
  return {
    ...foreign("Auth.js", "authJs", options.join(", ")),
    ...(isRow && { needs: { names: "adapter", from: "./auth" } }),
    // Vite keeps what .env holds out of process.env
    ...(usesVite && {
      needs: { names: "env", from: "$env/dynamic/private" },
      condition: `SvelteKit 3 passes on what src/env.ts declares: ${variable} has to be there, too.`,
    }),
    ...(host === "Next.js" && {
      trace: {
        importName: "traceAuthJs",
        sentence: `To see which line wrote each claim${isRow ? ", and each call of the adapter" : ""}, import traceAuthJs where you call NextAuth, and pass it traceAuthJs({ … }) with your config in it.`,
      },
    }),
  };
}

/** In Next.js without `watch`: each route has its own copy of the app's file, and a bridge would learn only what its own copy does. */
function customSource(host: Host, cookieName: string): BridgeSource {
  const watch = host === "Next.js" ? "" : ", watch";
  return {
    ...foreign(
      "your own sessions",
      "customSource",
      `name: "session table", cookieName: "${cookieName}", toKey, load, save, delete: remove${watch}`,
    ),
    needs: { names: `toKey, load, save, remove${watch}`, from: "./lib/sessions" },
  };
}

/** Which library made the cookie; null if no source reads it. */
function libraryOf({ framework, name, value }: SessionCookie) {
  switch (framework) {
    case "Django":
      return "session-bridge";
    case "Express":
      return /^express[.:]sess(?:\.sig)?$/.test(name) ? "cookie-session" : "express-session";
    case "Koa":
      return value.startsWith("eyJ") ? "cookie-session" : "koa-session";
    case "Fastify":
      return /;|%3B/i.test(value) ? "@fastify/secure-session" : "@fastify/session";
    case "cookie-session":
    case "iron-session":
    case "Better Auth":
    case "Auth.js":
    case "Lucia":
      return framework;
    default:
      return null;
  }
}

/** A cookie's name that may stand in code as it is; null for any other. */
function nameInCode(name: string): string | null {
  return /^[\w.:-]{1,64}$/.test(name) ? name : null;
}
