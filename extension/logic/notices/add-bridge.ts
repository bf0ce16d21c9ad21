/**
 * How to add a bridge to the page's own server: the sentence, and the lines to copy.
 *
 * `tests/extension/logic/add-bridge/runs.test.ts` puts each line into an app of that framework and calls the bridge.
 */
import { DJANGO_STEPS, djangoLines } from "./django-traces.ts";
import type { CopyLine } from "./notice.ts";
import {
  type NodeFramework,
  type NodeSite,
  type PageSigns,
  readPageServer,
  type SessionCookie,
} from "./page-server.ts";

/** What the notice says after "No bridge answers". */
interface HowToAdd {
  sentence: string;
  lines?: readonly CopyLine[];
}

/** What `openBridge` takes for one session library. */
interface Source {
  library: string;
  /** Exported by `session-bridge/sources`; absent for the sessions of session-bridge itself. */
  importName?: string;
  code: string;
}

/** What reads another library's cookie, as the documentation says it. */
const READ =
  "The bridge reads the sessions of session-bridge, express-session, @fastify/session, koa-session, cookie-session, iron-session, @fastify/secure-session and Django.";

const WORKS_IN = "It works in Express, Connect, NestJS on Express, Fastify, Koa, Hono and node:http";

/** @param origin of the page's server */
export function howToAdd(signs: PageSigns, origin: string): HowToAdd {
  const server = readPageServer(signs);
  switch (server.is) {
    case "node":
      return inNode(server.on, signs.cookie, server.proof);
    case "node-site":
      return inSite(server.on, signs.cookie, server.proof);
    case "python":
      return inPython(server.surely, server.proof, origin);
    case "like-django":
      return likeDjango(server.proof, origin);
    case "none":
      return { sentence: `${server.proof} There is no bridge for that yet. ${READ}` };
    case "unknown": {
      const { sentence, lines = [] } = inNode("Express", signs.cookie, "");
      return { sentence: `Add one to your server. In Express with express-session: ${sentence}`, lines };
    }
  }
}

function inNode(framework: NodeFramework, cookie: SessionCookie | null, proof: string): HowToAdd {
  const source = sourceOf(framework, cookie);
  const first = source.importName === undefined ? "the session" : source.library;
  const install = `Install session-bridge in the app, put these lines before ${first}, and start the app with NODE_ENV=development.`;
  return {
    sentence: proof === "" ? install : `${proof} ${install}`,
    lines: [...importsOf(framework, source), { text: useOf(framework, source.code), what: "the line" }],
  };
}

function importsOf(framework: NodeFramework, { importName }: Source): CopyLine[] {
  const names: [names: string, from: string][] = [["openBridge", "session-bridge/bridge"]];
  if (importName !== undefined) names.push([importName, "session-bridge/sources"]);
  if (framework === "Hono") names.push(["getConnInfo", "@hono/node-server/conninfo"]);
  const toText = (line: (name: string, from: string) => string) =>
    names.map(([name, from]) => line(name, from)).join("\n");
  return [
    {
      text: toText((name, from) => `import { ${name} } from "${from}";`),
      what: "the import",
      language: "ts",
    },
    {
      text: toText((name, from) => `const { ${name} } = require("${from}");`),
      what: "the import",
      language: "js",
    },
  ];
}

function useOf(framework: NodeFramework, source: string): string {
  const open = `openBridge(${source})`;
  switch (framework) {
    case "Express":
      return inDevelopment(`app.use(${open});`);
    case "Koa":
      return inDevelopment(`app.use(${open}.koa);`);
    case "Fastify":
      return inDevelopment(`fastify.addHook("onRequest", ${open}.fastify);`);
    case "Hono":
      return inDevelopment(`{
  const bridge = ${open};
  app.use((context, next) => {
    const peerAddress = getConnInfo(context).remote.address;
    const { httpVersion, socket } = context.env.incoming;
    return bridge.fetch(context.req.raw, { peerAddress, httpVersion, localPort: socket.localPort }, async () => {
      await next();
      return context.res;
    });
  });
}`);
  }
}

function inDevelopment(code: string): string {
  return `if (process.env.NODE_ENV === "development") ${code}`;
}

function inSite(site: NodeSite, cookie: SessionCookie | null, proof: string): HowToAdd {
  if (site !== "Next.js")
    return {
      sentence: `${proof} How to add the bridge to ${site} was not tried yet. ${WORKS_IN}, and Next.js behind a separate server.`,
    };
  const name = cookie?.framework === "iron-session" ? nameInCode(cookie.name) : null;
  return {
    sentence: `${proof} Install session-bridge in the app, save the first text as server.mjs with the password and the cookie name of your iron-session, and start that file in place of next dev. This way was tried with iron-session.`,
    lines: [
      { text: nextServer(name ?? "iron"), what: "the file" },
      { text: "NODE_ENV=development node server.mjs", what: "the command" },
    ],
  };
}

/** As in docs/loading.md. */
function nextServer(cookieName: string): string {
  return `import { createServer } from "node:http";
import next from "next";
import { openBridge } from "session-bridge/bridge";
import { ironSession } from "session-bridge/sources";

const password = process.env.SESSION_PASSWORD;
const app = next({ dev: true });
await app.prepare();
const handle = app.getRequestHandler();
const bridge = openBridge(ironSession({ password, cookieName: "${cookieName}" }));
createServer((request, response) => bridge(request, response, () => handle(request, response))).listen(3000);`;
}

function inPython(surely: boolean, proof: string, origin: string): HowToAdd {
  const condition = surely
    ? "Its session cookie looks like Django's."
    : "If it runs Django, there is a bridge for it; for other Python frameworks there is none.";
  return { sentence: `${proof} ${condition} ${DJANGO_STEPS}`, lines: djangoLines(origin) };
}

function likeDjango(proof: string, origin: string): HowToAdd {
  const { sentence, lines = [] } = inNode(
    "Express",
    { framework: "Django", name: "sessionid", value: "" },
    "",
  );
  const inExpress = sentence.replace("these lines", "the last two texts");
  return {
    sentence: `${proof} If it is Django, use the first three texts. ${DJANGO_STEPS} If it is Express with this library's sessions, whose cookie looks the same: ${inExpress}`,
    lines: [...djangoLines(origin), ...lines],
  };
}

/** The library whose cookie the page has; if none is known, the one that is common in this framework. */
function sourceOf(framework: NodeFramework, cookie: SessionCookie | null): Source {
  const keys = framework === "Koa" ? "keys: app.keys" : "keys";
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
      return foreign("your handlers", "ironSession", `password, cookieName: "${name ?? "iron"}"`);
    case null:
      return usualOf(framework);
  }
}

function usualOf(framework: NodeFramework): Source {
  switch (framework) {
    case "Express":
      return foreign("express-session", "expressSession", "secret");
    case "Fastify":
      return foreign("@fastify/session", "fastifySession", "secret, store");
    case "Koa":
      return foreign("koa-session", "koaSession", "store, keys: app.keys");
    case "Hono":
      return { library: "session-bridge", code: "sessions" };
  }
}

function foreign(library: string, importName: string, options: string): Source {
  return { library, importName, code: `${importName}({ ${options} })` };
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
      return framework;
    default:
      return null;
  }
}

/** A cookie's name that may stand in code as it is; null for any other. */
function nameInCode(name: string): string | null {
  return /^[\w.:-]{1,64}$/.test(name) ? name : null;
}
