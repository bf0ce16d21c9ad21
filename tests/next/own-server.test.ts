/** An app of Next.js with its own server, in development: the bridge for what runs inside Next, and that for what runs around it. */
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import rootPackage from "../../package.json" with { type: "json" };
import { type Program, startProgram } from "../bundles/program.ts";
import { offeredTexts } from "../extension/logic/add-bridge/offered.ts";
import { call, readPossession, readTraces } from "../sources/panel-client.ts";
import { NextProject } from "./next-project.ts";

const PASSWORD = "a password of these tests, longer than thirty-two characters";

/** A route handler with a session of iron-session. */
const ROUTE = `import { cookies } from "next/headers";
import { getIronSession } from "iron-session";
export async function GET() {
  const session = await getIronSession(await cookies(), {
    password: process.env.SESSION_PASSWORD, cookieName: "crumb", cookieOptions: { secure: false },
  });
  session.user_id = 123;
  await session.save();
  return new Response("ok");
}
`;
/** One with nothing but a body. */
const PLAIN_ROUTE = `export const GET = () => new Response("ok");\n`;

/** As Next's documentation has it, on a free port. */
const SERVER = `import { createServer } from "node:http";
import next from "next";
const app = next({ dev: true });
await app.prepare();
const handle = app.getRequestHandler();
SESSIONS
createServer((request, response) => LISTENER).listen(0, "127.0.0.1", function () {
  console.log("port " + this.address().port);
});
`;

/** As in docs/loading.md. */
const SESSIONS = `import { createSessions, cache } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { withSessions } from "session-bridge/node";
const sessions = createSessions({ secretKey: "fifty characters that only these tests know of", engine: cache("memory:") });
const bridge = openBridge(sessions);
const answer = withSessions(sessions, (request, response) => {
  request.session.user_id = 123;
  return handle(request, response);
});`;

let project: NextProject;
let program: Program | null = null;
beforeAll(async () => {
  project = await NextProject.create();
  const iron = `iron-session@${rootPackage.devDependencies["iron-session"]}`;
  await promisify(execFile)("npm", ["install", iron, "--prefer-offline", "--no-audit", "--no-fund"], {
    cwd: project.directory,
  });
}, 300_000);
afterAll(() => project?.remove());
beforeEach(async () => {
  await rm(join(project.directory, "app"), { recursive: true });
  await mkdir(join(project.directory, "app/login"), { recursive: true });
});
afterEach(() => program?.stop());

it("the file that the panel offers, saved as it stands: the bridge shows the session of a route handler", async () => {
  const seen = { framework: "iron-session", name: "crumb", value: "" };
  const [file = ""] = offeredTexts({ server: ["x-powered-by: Next.js"], cookie: seen });
  await start({
    "instrumentation.js": file,
    "app/login/route.js": ROUTE,
    "server.mjs": SERVER.replace("SESSIONS", "").replace("LISTENER", "handle(request, response)"),
  });
  await expectSession("crumb");
}, 120_000);

it("openBridge(sessions) before withSessions around Next's handler: the bridge shows the request's session", async () => {
  const listener = "bridge(request, response, () => answer(request, response))";
  await start({
    "instrumentation.js": "export function register() {}\n",
    "app/login/route.js": PLAIN_ROUTE,
    "server.mjs": SERVER.replace("SESSIONS", () => SESSIONS).replace("LISTENER", listener),
  });
  await expectSession("sessionid");
}, 120_000);

async function start(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await writeFile(join(project.directory, path), text);
  program = await startProgram(["server.mjs"], {
    cwd: project.directory,
    env: { NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1", SESSION_PASSWORD: PASSWORD },
  });
}

async function expectSession(name: string): Promise<void> {
  expect(program?.port, program?.output()).not.toBeNull();
  const base = `http://127.0.0.1:${program?.port}`;
  const page = await fetch(`${base}/login`);
  expect(page.status, program?.output()).toBe(200);
  const hello = await call(base, "hello", { protocol: 1 });
  expect(hello.answer.cookieNames).toEqual([name]);
  const cookie = readPossession(page, name);
  const { answer } = await call(base, "session", { protocol: 1, cookie });
  expect(answer).toMatchObject({ session: { dataJson: expect.stringContaining('"user_id":123') } });
  const [trace] = await readTraces(base, [cookie], (traces) => traces.length > 0);
  expect(page.headers.get("session-trace")).toContain(`id=${trace?.id};`);
}
