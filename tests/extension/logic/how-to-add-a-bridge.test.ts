/** What is offered when no bridge answers fits the server, as far as its responses and its session cookie show. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { howToAdd } from "../../../extension/logic/notices/add-bridge.ts";
import { offer } from "./add-bridge/offered.ts";

const EXPRESS = "x-powered-by: Express";
const RUNSERVER = "server: WSGIServer/0.2 CPython/3.12";

describe("the server's own words", () => {
  it.each([
    [EXPRESS, "Express", "app.use(openBridge("],
    ["x-powered-by: Hono", "Hono", "bridge.fetch("],
    ["x-powered-by: Next.js", "Next.js", "export async function register() {"],
    ["x-nextjs-cache", "Next.js", "export async function register() {"],
    ["x-sveltekit-page", "SvelteKit", "export async function init() {"],
  ])("%s: lines for %s", (line, framework, code) => {
    const { sentence, text } = offer({ server: [line] });
    expect(sentence).toContain(`The server says that it is ${framework}.`);
    expect(text).toContain(code);
  });

  it.each([
    ["x-powered-by: Nuxt", "No bridge works in nuxt dev yet"],
    ["x-remix-response", "In React Router 8 with your own table, docs/next.md says"],
  ])("%s: no line, what docs/next.md says, and where the bridge works", (line, said) => {
    const { sentence, lines } = offer({ server: [line] });
    expect(lines).toEqual([]);
    expect(sentence).toContain(said);
    expect(sentence).toContain("It works in Express");
  });

  it("count before a cookie, which may be that of another port", () => {
    expect(offer({ server: [EXPRESS], framework: "PHP" }).text).toContain("app.use(openBridge(");
    expect(offer({ server: [EXPRESS], framework: "Django" }).text).toContain("app.use(openBridge(sessions))");
  });

  it("of a page that calls an API: the lines are for the API, whose session cookie it is", () => {
    const { text } = offer({ server: ["x-powered-by: Next.js"], framework: "Express", name: "connect.sid" });
    expect(text).toContain("app.use(openBridge(expressSession({ secret })))");
  });

  it("name neither Node nor Django: no line", () => {
    const { sentence, lines } = offer({ server: ["x-powered-by: PHP/8.3.1"] });
    expect(lines).toEqual([]);
    expect(sentence).toContain("The server says that it is PHP. There is no bridge for that yet.");
  });

  it("name neither, next to a session cookie of Node's: the lines for that", () => {
    const { sentence, text } = offer({ server: ["x-powered-by: PHP/8.3.1"], framework: "Express" });
    expect(sentence).toContain("This page's session cookie looks like Express's.");
    expect(text).toContain("app.use(openBridge(expressSession({");
  });

  it.each(["server: nginx/1.22.1", "server: cloudflare", "x-powered-by: magic", "x-powered-by: Expressive"])(
    "say nothing about the app: %s",
    (line) => {
      expect(offer({ server: [line] })).toEqual(offer({}));
    },
  );
});

describe("Django", () => {
  it("gets its package, its settings and its command, and no line of Node", () => {
    const { sentence, lines } = offer({ server: [RUNSERVER], framework: "Django", name: "sessionid" });
    expect(lines.map(({ text }) => text)).toEqual([
      "pip install -e /path/to/sessions-devtools/server-bridge/django-package",
      `if DEBUG:
    INSTALLED_APPS += ["session_bridge"]
    MIDDLEWARE.insert(0, "session_bridge.middleware.SessionBridgeMiddleware")`,
      "python manage.py session_bridge",
    ]);
    expect(sentence).toContain("Its session cookie looks like Django's.");
    expect(sentence).toContain("It needs Node 22.13 or later.");
  });

  it("gets the very lines of docs/django.md, which can be run", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../docs/django.md"), "utf8");
    const blocks = [...page.matchAll(/```(?:sh|python)\n([\s\S]*?)\n```/g)].map(([, code]) => code);
    const { lines } = offer({ server: [RUNSERVER], framework: "Django", name: "sessionid" });
    const [install, settings, command] = lines.map(({ text }) => text);
    expect(blocks).toContain(install);
    expect(blocks).toContain(settings);
    expect(blocks.some((block) => block?.startsWith(command ?? "none"))).toBe(true);
  });

  it.each([
    ["http://localhost:8000", ""],
    ["http://127.0.0.1:8000", ""],
    ["http://localhost:8001", " --for http://localhost:8001"],
    ["https://shop.test", " --for https://shop.test"],
    ["http://[::1]:8000", ' --for "http://[::1]:8000"'],
  ])("names the page's origin only if the command does not read for it anyway: %s", (origin, named) => {
    const { lines = [] } = howToAdd({ server: [RUNSERVER], cookie: null }, origin);
    expect(lines.at(-1)?.text).toBe(`python manage.py session_bridge${named}`);
  });

  it("has no choice of language", () => {
    expect(offer({ server: [RUNSERVER] }).lines.flatMap(({ language }) => language ?? [])).toEqual([]);
  });

  it("is a condition if only Python answers", () => {
    expect(offer({ server: [RUNSERVER] }).sentence).toContain("If it runs Django");
    expect(offer({ server: ["server: uvicorn"] }).text).toContain("python manage.py session_bridge");
  });

  it("is not offered to other frameworks of Python", () => {
    const { sentence, lines } = offer({ server: ["server: Werkzeug/3.0.1 Python/3.12"], framework: "Flask" });
    expect(lines).toEqual([]);
    expect(sentence).toContain("looks like Flask's");
  });

  it("and Node are both offered for a cookie alone, because this library's cookie looks the same", () => {
    const { sentence, lines } = offer({ framework: "Django", name: "sessionid" });
    expect(lines.map(({ language, text }) => [language ?? "", text.split(/[ (]/, 1)[0]])).toEqual([
      ["", "pip"],
      ["", "if"],
      ["", "python"],
      ["ts", "import"],
      ["js", "const"],
      ["", "if"],
    ]);
    expect(sentence).toContain("If it is Django, use the first three texts.");
    expect(sentence).toContain("put the last two texts before the session");
  });
});

describe("a session cookie", () => {
  it.each([
    ["Express", "connect.sid", "expressSession({ secret })"],
    ["Express", "shop.sid", 'expressSession({ secret, name: "shop.sid" })'],
    ["Koa", "koa.sess", "openBridge(koaSession({ store, keys: app.keys })).koa"],
    ["Koa", "koa:sess", 'koaSession({ store, keys: app.keys, key: "koa:sess" })'],
    ["Fastify", "sessionId", "openBridge(fastifySession({ secret, store })).fastify"],
  ])("of %s, %s: %s", (framework, name, code) => {
    expect(offer({ framework, name }).text).toContain(code);
  });

  it("with a name that would be more than a name in code leaves the name out", () => {
    const { text } = offer({ framework: "Express", name: 'x" }); steal({ "' });
    expect(text).toContain("expressSession({ secret })");
    expect(text).not.toContain("steal");
  });

  it.each(["PHP", "Rails"])("that no source reads, %s: no line, and whose sessions are read", (framework) => {
    const { sentence, lines } = offer({ framework });
    expect(lines).toEqual([]);
    expect(sentence).toContain(`looks like ${framework}'s. There is no bridge for that yet.`);
    expect(sentence).toContain(
      "iron-session, @fastify/secure-session, Better Auth, Auth.js, next-auth and Django",
    );
  });

  it.each(["Clerk", "Supabase", "WorkOS"])(
    "of a service, %s: who keeps the session, and no line",
    (framework) => {
      for (const server of [[], [EXPRESS], ["x-powered-by: Next.js"]]) {
        const { sentence, lines } = offer({ framework, server });
        expect(lines).toEqual([]);
        expect(sentence).toContain(`This page's session cookie looks like ${framework}'s.`);
        expect(sentence).toContain(`The session is kept by ${framework}, not by this app's server.`);
        expect(sentence).not.toContain("There is no bridge for that yet");
      }
    },
  );

  it.each(["h3", "Nuxt", "TanStack Start", "Adonis", "Auth0"])(
    "that is sealed by the app, %s: so, and no line",
    (framework) => {
      const { sentence, lines } = offer({ framework });
      expect(lines).toEqual([]);
      expect(sentence).toMatch(/(?:sealed|encrypts) .* no bridge opens it yet\./);
    },
  );

  it("of a service does not count on a server of another language", () => {
    expect(offer({ framework: "Clerk", server: ["x-powered-by: PHP/8.3.1"] }).sentence).not.toContain(
      "kept by",
    );
  });

  it.each(["unknown", "JWT"])("that could be anyone's counts as none: %s", (framework) => {
    expect(offer({ framework })).toEqual(offer({}));
  });
});

it("nothing known: lines for the most common pair, which the sentence names", () => {
  const { sentence, text } = offer({});
  expect(sentence).toContain("In Express with express-session");
  expect(text).toContain("app.use(openBridge(expressSession({ secret })))");
});

it("the lines differ by language only in how they import", () => {
  const { lines } = offer({ server: [EXPRESS] });
  expect(lines.map(({ language }) => language)).toEqual(["ts", "js", undefined]);
  expect(lines[0]?.text).toContain('import { openBridge } from "session-bridge/bridge";');
  expect(lines[1]?.text).toContain('const { openBridge } = require("session-bridge/bridge");');
});
