/**
 * Which framework answers the page, and whose session cookie it has: from response headers and cookies alone.
 *
 * Headers count before cookies, because cookies of a host belong to every port of it, and may be another app's.
 */

import { sayKeeper } from "./keepers.ts";

/** A session cookie of the page. */
export interface SessionCookie {
  /** As it was recognised: `Express`, `Django`, `Auth.js`. */
  framework: string;
  name: string;
  value: string;
}

/** What is known of the page's server without a bridge. */
export interface PageSigns {
  /** As `readServer` lists it, the document's before those of other responses; empty if they say nothing. */
  server: readonly string[];
  /** Null: none was recognised, or several of different frameworks. */
  cookie: SessionCookie | null;
}

/**
 * Frameworks of Node that can be told apart from outside. NestJS answers as the Express that it runs on. `any`: the cookie's
 * library works in all of them.
 */
export type NodeFramework = "Express" | "Fastify" | "Koa" | "Hono" | "any";
/** Frameworks of Node with a server of theirs, which takes no middleware. */
export type NodeSite = "Next.js" | "Nuxt" | "SvelteKit" | "Remix";

/** What answers, and the sentence that says why this is believed; `proof` is empty if nothing showed it. */
type PageServer =
  | { is: "node"; on: NodeFramework; proof: string }
  /** `surely`: the server says so. Otherwise it is only where such a cookie usually comes from. */
  | { is: "node-site"; on: NodeSite; surely: boolean; proof: string }
  /** `sentence`: where the session is kept, because no bridge reads it. */
  | { is: "kept-elsewhere"; sentence: string; proof: string }
  /** `surely`: a cookie of Django's shows that it is Django. */
  | { is: "python"; surely: boolean; proof: string }
  /** Django, or a Node app with sessions of session-bridge, whose cookie looks the same. */
  | { is: "like-django"; proof: string }
  /** Neither Node nor Django, or a library whose sessions no bridge reads. */
  | { is: "none"; proof: string }
  | { is: "unknown"; proof: "" };

/** Frameworks by what their own header says, in the order in which they are looked for. */
const NODE_HEADERS: readonly (readonly [RegExp, NodeFramework | NodeSite])[] = [
  [/^x-powered-by: Next\.js\b|^x-nextjs-/, "Next.js"],
  [/^x-powered-by: Nuxt\b|^x-nuxt-/, "Nuxt"],
  [/^x-sveltekit-/, "SvelteKit"],
  [/^x-remix-/, "Remix"],
  [/^x-powered-by: Express$/, "Express"],
  [/^x-powered-by: Hono$/, "Hono"],
];

/** Servers of Python, on which Django may run, and others. */
const PYTHON_HEADER = /^server: (WSGIServer|Werkzeug|gunicorn|uvicorn|hypercorn|daphne|waitress)\b/i;
const OTHER_HEADER =
  /^(?:x-powered-by: (PHP|ASP\.NET|Servlet|JSP)|server: (Kestrel|WEBrick|Puma|Jetty|Apache-Coyote|TornadoServer))\b/i;

/** Session cookies by the framework of Node in which they are used. */
const NODE_COOKIES: Readonly<Record<string, NodeFramework | NodeSite>> = {
  Express: "Express",
  "cookie-session": "Express",
  "iron-session": "Express",
  "Auth.js": "Next.js",
  "Better Auth": "any",
  Lucia: "any",
  Fastify: "Fastify",
  Koa: "Koa",
  Remix: "Remix",
};

/** Names of this form are too general to say whose they are. */
const UNKNOWN_COOKIES: ReadonlySet<string> = new Set(["unknown", "JWT"]);

const SITES: ReadonlySet<string> = new Set(["Next.js", "Nuxt", "SvelteKit", "Remix"] satisfies NodeSite[]);

/** Reads the signs. Pure. */
export function readPageServer({ server, cookie }: PageSigns): PageServer {
  const shown = NODE_HEADERS.find(([form]) => server.some((line) => form.test(line)))?.[1];
  const own = cookie === null ? undefined : NODE_COOKIES[cookie.framework];
  const keeper = cookie === null ? null : sayKeeper(cookie.framework);
  // The page of such a server may call an API on Express, whose sessions they are.
  if (shown !== undefined && !(isSite(shown) && isApi(own) && cookie?.framework !== "iron-session")) {
    const proof = `The server says that it is ${shown}.`;
    if (cookie === null || keeper === null) return nodeServer(shown, true, proof);
    return { is: "kept-elsewhere", sentence: keeper, proof: `${proof} ${sayCookie(cookie)}` };
  }
  const other = findProduct(server, OTHER_HEADER);
  if (other !== null && own === undefined) return { is: "none", proof: sayProduct(other) };
  const python = findProduct(server, PYTHON_HEADER);
  if (python !== null && !isPythonButNotDjango(cookie))
    return { is: "python", surely: cookie?.framework === "Django", proof: sayProduct(python) };
  return cookie === null ? { is: "unknown", proof: "" } : byCookie(cookie, own);
}

function byCookie({ framework }: SessionCookie, own: NodeFramework | NodeSite | undefined): PageServer {
  const proof = sayCookie({ framework });
  const sentence = sayKeeper(framework);
  if (sentence !== null) return { is: "kept-elsewhere", sentence, proof };
  if (own !== undefined) return nodeServer(own, false, proof);
  if (framework === "Django") return { is: "like-django", proof };
  return UNKNOWN_COOKIES.has(framework) ? { is: "unknown", proof: "" } : { is: "none", proof };
}

function nodeServer(on: NodeFramework | NodeSite, surely: boolean, proof: string): PageServer {
  return isSite(on) ? { is: "node-site", on, surely, proof } : { is: "node", on, proof };
}

function sayCookie({ framework }: Pick<SessionCookie, "framework">): string {
  return `This page's session cookie looks like ${framework}'s.`;
}

function isSite(framework: NodeFramework | NodeSite): framework is NodeSite {
  return SITES.has(framework);
}

function isApi(framework: NodeFramework | NodeSite | undefined): boolean {
  return framework !== undefined && framework !== "any" && !isSite(framework);
}

function isPythonButNotDjango(cookie: SessionCookie | null): boolean {
  return cookie !== null && ["Flask", "Starlette", "web2py", "Tornado"].includes(cookie.framework);
}

/** The name as the server writes it. */
function findProduct(server: readonly string[], form: RegExp): string | null {
  const found = server.map((line) => form.exec(line)).find((match) => match !== null);
  return found?.slice(1).find((name) => name !== undefined) ?? null;
}

function sayProduct(name: string): string {
  return `The server says that it is ${name}.`;
}
