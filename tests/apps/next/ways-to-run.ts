/** The app on iron-session in every way in which Next.js runs it: what opens the bridge, what must not, and edits while it runs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BRIDGE_PATH } from "session-bridge/protocol";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { bodiesFor, callBridge } from "../../setups/calls.ts";
import { PEM } from "../../setups/program.ts";
import {
  type NextApp,
  startNextDev,
  startNextProduction,
  startOwnServer,
  startStandalone,
} from "../next-app.ts";
import { addRoutes, EXAMPLE, untilAttached } from "./iron-app.ts";
import { COOKIE, sayTrace, tracesOf, Visitor } from "./visitor.ts";

const LONG_MS = 300_000;
const GUARD = /^ *if \(process\.env\.NODE_ENV.*\n/m;
const REFUSAL =
  /\[session-bridge\] NODE_ENV is production: openBridge shows and edits sessions, so it does not open here\. Start with NODE_ENV=development, or pass dangerouslyAllowInProduction: 'why' and a token\./;

const running: NextApp[] = [];
afterEach(async () => {
  for (const app of running.splice(0)) await app.stop();
});

async function keep(starting: Promise<NextApp>): Promise<NextApp> {
  const app = await starting;
  running.push(app);
  return app;
}

/** Changes a file of a copy. */
async function edit(folder: string, name: string, change: (text: string) => string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, change(await readFile(path, "utf8")));
}

/** A login, and its trace as one line. */
async function logIn(url: string): Promise<string> {
  const answer = await new Visitor(url).ask("/login?user=5", "POST");
  const [trace] = await tracesOf(url, [answer]);
  return trace === undefined ? "no trace" : sayTrace(trace);
}

/** No request is marked, and the bridge's path is the app's own. */
async function expectNoBridge({ url, output }: NextApp): Promise<void> {
  const answer = await new Visitor(url).ask("/login?user=5", "POST");
  expect([answer.status, answer.body, answer.traceId]).toEqual([200, '{"userId":5}', ""]);
  const hello = await fetch(`${url}${BRIDGE_PATH}hello`, { method: "POST", body: '{"protocol":1}' });
  expect(hello.status).toBe(404);
  expect(output()).not.toContain("[session-bridge] open");
}

const LOGIN = "POST /login 200 +userId app/[act]/route.ts:9 create";

/** Defines the tests: each builds the app or starts it another way, which takes long. */
export function describeWaysToRun(): void {
  describe("in production", () => {
    it(
      "the recipe's guard keeps the bridge out, and the app works",
      async () => {
        const app = await keep(startNextProduction(EXAMPLE, { prepare: addRoutes }));
        await expectNoBridge(app);
        expect(app.output()).not.toContain("session-bridge");
      },
      LONG_MS,
    );

    it(
      "without the guard the bridge refuses, with its sentence",
      async () => {
        const prepare = async (folder: string) => {
          await addRoutes(folder);
          await edit(folder, "instrumentation.ts", (text) => text.replace(GUARD, ""));
        };
        const app = await keep(startNextProduction(EXAMPLE, { prepare }));
        await fetch(`${app.url}/who`).catch(() => {});
        await expect.poll(() => app.output(), { timeout: 30_000 }).toMatch(REFUSAL);
        expect(app.output()).not.toContain("[session-bridge] open");
      },
      LONG_MS,
    );

    it(
      "a reason and a token open it, for who has the token",
      async () => {
        const token = "a-token-of-these-tests-with-enough-letters-in-it";
        const prepare = async (folder: string) => {
          await addRoutes(folder);
          await edit(folder, "instrumentation.ts", (text) =>
            text
              .replace(GUARD, "")
              .replace(
                /options\)\);/,
                `options), { dangerouslyAllowInProduction: "a test", token: "${token}" });`,
              ),
          );
        };
        const app = await keep(startNextProduction(EXAMPLE, { prepare }));
        await untilAttached(app.url);
        const visitor = new Visitor(app.url);
        await visitor.ask("/login?user=5", "POST");
        const { session } = bodiesFor(`${COOKIE}=${visitor.possession}`, "");
        const [known, unknown] = [
          await callBridge(app.url, "session", session, token),
          await callBridge(app.url, "session", session),
        ];
        expect([known.status, known.body]).toEqual([200, expect.stringContaining('userId\\":5')]);
        expect([unknown.status, unknown.body]).toEqual([403, expect.not.stringContaining("userId")]);
      },
      LONG_MS,
    );

    it(
      'output: "standalone" has no bridge, and works',
      async () => {
        await expectNoBridge(await keep(startStandalone(EXAMPLE, { prepare: addRoutes })));
      },
      LONG_MS,
    );
  });

  describe("in development", () => {
    it(
      "over https",
      async () => {
        process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"; // the certificate is its own authority
        onTestFinished(() => void delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);
        const args = [
          "--experimental-https",
          "--experimental-https-key",
          PEM,
          "--experimental-https-cert",
          PEM,
        ];
        const app = await keep(startNextDev(EXAMPLE, { prepare: addRoutes, args }));
        await untilAttached(app.url);
        expect(await logIn(app.url)).toBe(LOGIN);
      },
      LONG_MS,
    );

    it.each([
      ["with source maps", ["--enable-source-maps"], LOGIN],
      [
        "without source maps: the line that wrote is not known",
        [],
        LOGIN.replace(" app/[act]/route.ts:9", " ?"),
      ],
    ])(
      "in the app's own server, %s",
      async (_name, args, login) => {
        const app = await keep(startOwnServer(EXAMPLE, { prepare: addRoutes, args }));
        await untilAttached(app.url);
        expect(await logIn(app.url)).toBe(login);
      },
      LONG_MS,
    );

    it(
      "edits of a route, of instrumentation.ts and of the configuration open no second bridge, and lose no trace",
      async () => {
        const app = await keep(startNextDev(EXAMPLE, { prepare: addRoutes }));
        await untilAttached(app.url);
        expect(await logIn(app.url)).toBe(LOGIN);
        await edit(app.folder, "app/[act]/route.ts", (text) => `// edited\n${text}`);
        await expect.poll(() => logIn(app.url), { timeout: 60_000 }).toBe(LOGIN.replace(":9", ":10"));

        await edit(app.folder, "instrumentation.ts", (text) => `${text}\n// edited\n`);
        await edit(app.folder, "session.ts", (text) => `${text}\n// edited\n`);
        // Next may write the source map after it has run the code again; then the line is not known
        const known = [LOGIN.replace(":9", ":10"), LOGIN.replace(" app/[act]/route.ts:9", " ?")];
        for (let again = 0; again < 5; again++) expect(known).toContain(await logIn(app.url));

        await writeFile(join(app.folder, "next.config.mjs"), "export default { reactStrictMode: true };\n");
        await expect.poll(() => app.output(), { timeout: 60_000 }).toMatch(/Restarting the server/);
        await expect
          .poll(() => logIn(app.url).catch(String), { timeout: 60_000 })
          .toBe(LOGIN.replace(":9", ":10"));
        expect(await logIn(app.url)).toBe(LOGIN.replace(":9", ":10"));
        expect(app.output()).not.toMatch(/second bridge|MaxListenersExceeded/i);
      },
      LONG_MS,
    );
  });
}
