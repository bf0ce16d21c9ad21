/** Apps of Next.js and SvelteKit with the texts that the panel offers for them, saved as they stand. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ROOT } from "../../../scripts/machine/program.ts";
import { offeredTexts } from "../../extension/logic/add-bridge/offered.ts";
import { startNextDev } from "../next-app.ts";
import { startSvelteDev } from "../svelte-app.ts";

/** A framework's app with one library, as a visitor meets it. */
interface Site {
  name: string;
  /** What its pages say about the server. */
  server: readonly string[];
  /** The cookie that shows the session. */
  cookie: string;
  start(): Promise<{ url: string; output(): string; stop(): Promise<void> }>;
  /** Where a visitor logs in. */
  path: string;
  /** Logs in there, and returns the response that sets the cookie. */
  logIn(url: string): Promise<Response>;
  /** What the session then holds. */
  holds: string;
  /** The line that the second text makes known. */
  writer?: string;
}

const NEXT = ["x-powered-by: Next.js"];
const KIT = ["x-sveltekit-page"];

/** Starts an app of Next.js after these files were written into its copy. */
function startNext(app: string, files: Record<string, string>, env: Record<string, string> = {}) {
  return startNextDev(app, {
    env,
    async prepare(folder) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
    },
  });
}

const IRON_ROUTE = `import { getSession } from "../../session";
export async function POST() {
  const session = await getSession();
  session.userId = 123;
  await session.save();
  return new Response("ok");
}
`;

const BETTER_AUTH_ROUTE = `import { auth, john } from "../../lib/auth";
export async function POST() {
  const { headers } = await auth.api.signInEmail({ body: john, returnHeaders: true });
  return new Response("ok", { headers: { "set-cookie": headers.getSetCookie().join(", ") } });
}
`;

const AUTH_SECRET = "a secret of these tests, longer than thirty-two characters";

/** What Auth.js does at a login: the cookie is the library's own. */
const AUTH_JS_ROUTE = `import { encode } from "@auth/core/jwt";
import { AUTH_SECRET as secret } from "$app/env/private";
const salt = "authjs.session-token";
export async function POST({ cookies }) {
  cookies.set(salt, await encode({ token: { name: "john_doe" }, secret, salt }), { path: "/" });
  return new Response("ok");
}
`;

/** One for each text that differs. */
export const SITES: readonly Site[] = [
  {
    name: "iron-session on Next.js",
    server: NEXT,
    cookie: "shop-session",
    start() {
      const cookie = { framework: "iron-session", name: "shop-session", value: "Fe26.2*1*" };
      const [file = ""] = offeredTexts({ server: NEXT, cookie });
      const SESSION_PASSWORD = "a password of these tests, longer than thirty-two characters";
      const files = { "instrumentation.ts": file, "app/login/route.ts": IRON_ROUTE };
      return startNext("examples/next-iron-session", files, { SESSION_PASSWORD });
    },
    path: "/login",
    logIn: (url) => fetch(url, { method: "POST" }),
    holds: '"userId":123',
    writer: "app/login/route.ts:4",
  },
  {
    name: "Better Auth on Next.js",
    server: NEXT,
    cookie: "better-auth.session_token",
    async start() {
      const cookie = { framework: "Better Auth", name: "better-auth.session_token", value: "" };
      const [file = "", trace = ""] = offeredTexts({ server: NEXT, cookie });
      const auth = await readFile(join(ROOT, "examples/better-auth/auth.js"), "utf8");
      return startNext("examples/next-iron-session", {
        "instrumentation.ts": file,
        "lib/auth.ts": `${trace}\n${auth.replace("secret:", "plugins: [traceBetterAuth()], secret:")}`,
        "app/login/route.ts": BETTER_AUTH_ROUTE,
      });
    },
    path: "/login",
    logIn: (url) => fetch(url, { method: "POST" }),
    holds: '"userId":"123"',
  },
  {
    name: "Auth.js on SvelteKit",
    server: KIT,
    cookie: "authjs.session-token",
    start: () =>
      startSvelteDev({
        async prepare(folder) {
          const cookie = { framework: "Auth.js", name: "authjs.session-token", value: "eyJ" };
          const [init = ""] = offeredTexts({ server: KIT, cookie }, "js");
          await writeFile(join(folder, ".env"), `AUTH_SECRET="${AUTH_SECRET}"\n`);
          await writeFile(join(folder, "src/env.js"), "export const variables = { AUTH_SECRET: {} };\n");
          await writeFile(join(folder, "src/hooks.server.js"), init);
          await mkdir(join(folder, "src/routes/login"));
          await writeFile(join(folder, "src/routes/login/+server.js"), AUTH_JS_ROUTE);
        },
      }),
    path: "/login",
    logIn: (url) => fetch(url, { method: "POST", headers: { origin: new URL(url).origin } }),
    holds: '"name":"john_doe"',
  },
  {
    name: "its own table on SvelteKit",
    server: KIT,
    cookie: "session",
    start: () =>
      startSvelteDev({
        async prepare(folder) {
          const cookie = { framework: "unknown", name: "session", value: "abc" };
          const [init = ""] = offeredTexts({ server: KIT, cookie }, "js");
          const hooks = join(folder, "src/hooks.server.js");
          const text = await readFile(hooks, "utf8");
          await writeFile(
            hooks,
            text.replace(/export async function init\(\) \{[\s\S]*?\n\}/, () => init),
          );
        },
      }),
    path: "/",
    logIn: (url) =>
      fetch(`${url}?/login`, {
        method: "POST",
        headers: { origin: new URL(url).origin },
        body: new URLSearchParams({ username: "john_doe" }),
      }),
    holds: '"user_id":123',
  },
];
