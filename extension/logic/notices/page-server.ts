/**
 * Which framework answers the page, and whose session cookie it has: from response headers and cookies alone.
 *
 * Headers count before cookies, because cookies of a host belong to every port of it, and may be another app's.
 */

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

/** Frameworks of Node that can be told apart from outside. NestJS answers as the Express that it runs on. */
export type NodeFramework = "Express" | "Fastify" | "Koa" | "Hono";
/** Frameworks of Node with a server of theirs, which takes no middleware. */
export type NodeSite = "Next.js" | "Nuxt" | "SvelteKit" | "Remix";

/** What answers, and the sentence that says why this is believed; `proof` is empty if nothing showed it. */
type PageServer =
  | { is: "node"; on: NodeFramework; proof: string }
  | { is: "node-site"; on: NodeSite; proof: string }
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
  Fastify: "Fastify",
  Koa: "Koa",
  Nuxt: "Nuxt",
  Remix: "Remix",
};

/** Names of this form are too general to say whose they are. */
const UNKNOWN_COOKIES: ReadonlySet<string> = new Set(["unknown", "JWT"]);

const SITES: ReadonlySet<string> = new Set(["Next.js", "Nuxt", "SvelteKit", "Remix"] satisfies NodeSite[]);

/** Reads the signs. Pure. */
export function readPageServer({ server, cookie }: PageSigns): PageServer {
  const shown = NODE_HEADERS.find(([form]) => server.some((line) => form.test(line)))?.[1];
  const own = cookie === null ? undefined : NODE_COOKIES[cookie.framework];
  // The page of such a server may call an API on Express, whose sessions they are.
  if (shown !== undefined && !(isSite(shown) && isApi(own) && cookie?.framework !== "iron-session"))
    return nodeServer(shown, `The server says that it is ${shown}.`);
  const other = findProduct(server, OTHER_HEADER);
  if (other !== null && own === undefined) return { is: "none", proof: sayProduct(other) };
  const python = findProduct(server, PYTHON_HEADER);
  if (python !== null && !isPythonButNotDjango(cookie))
    return { is: "python", surely: cookie?.framework === "Django", proof: sayProduct(python) };
  return cookie === null ? { is: "unknown", proof: "" } : byCookie(cookie, own);
}

function byCookie({ framework }: SessionCookie, own: NodeFramework | NodeSite | undefined): PageServer {
  const proof = `This page's session cookie looks like ${framework}'s.`;
  if (own !== undefined) return nodeServer(own, proof);
  if (framework === "Django") return { is: "like-django", proof };
  return UNKNOWN_COOKIES.has(framework) ? { is: "unknown", proof: "" } : { is: "none", proof };
}

function nodeServer(on: NodeFramework | NodeSite, proof: string): PageServer {
  return isSite(on) ? { is: "node-site", on, proof } : { is: "node", on, proof };
}

function isSite(framework: NodeFramework | NodeSite): framework is NodeSite {
  return SITES.has(framework);
}

function isApi(framework: NodeFramework | NodeSite | undefined): boolean {
  return framework !== undefined && !isSite(framework);
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
