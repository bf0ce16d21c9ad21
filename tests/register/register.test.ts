/** `node --import session-bridge/register app.js`: apps that know nothing of the bridge get the tab, and do not notice. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIBRARIES } from "../../server-bridge/src/register/libraries.ts";
import { findMajor } from "../../server-bridge/src/register/package-version.ts";
import { call, readPossession, readTraces } from "../sources/panel-client.ts";

const APPS = join(import.meta.dirname, "unchanged");
const PACKAGES = join(import.meta.dirname, "../../node_modules");
const children: ChildProcess[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const child of children) {
    const ended = once(child, "exit");
    if (child.exitCode === null && child.kill("SIGKILL")) await ended;
  }
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** A copy of an app that finds an older version under its library's name; gives the copy's path. */
async function withOlder(app: string, library: string, older: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-older-"));
  folders.push(folder);
  await mkdir(join(folder, "node_modules"));
  for (const [name, from] of [
    [library, older],
    ["koa", "koa"],
    ["express", "express"],
  ] as const)
    await symlink(join(PACKAGES, from), join(folder, "node_modules", name));
  await copyFile(join(APPS, app), join(folder, app));
  return join(folder, app);
}

/** Starts an app, given by its path, as its own process; gives its address, or what it said when it ended at once. */
async function start(app: string, { registered = true, NODE_ENV = "development" } = {}) {
  const flags = ["--conditions=sessions-source", "--no-warnings"];
  const preload = registered ? ["--import", "session-bridge/register"] : [];
  const child = spawn(process.execPath, [...flags, ...preload, app], {
    env: { ...process.env, NODE_ENV },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  const base = await new Promise<string>((resolve) => {
    const listen = (text: Buffer) => {
      output += text;
      const address = /^http:\/\/127\.0\.0\.1:\d+$/m.exec(output);
      if (address) resolve(address[0]);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("close", () => resolve(""));
  });
  return { base, output: () => output };
}

/** File, library as the tab names it, cookie, and an older package under the library's name. */
type Case = [file: string, library: string, cookieName: string, older?: [library: string, older: string]];

const CASES: readonly Case[] = [
  ["express-session.cjs", "express-session", "app.sid"],
  ["express-session.mjs", "express-session", "connect.sid"],
  ["fastify-session.mjs", "@fastify/session", "sessionId"],
  ["koa-session.mjs", "koa-session", "koa.sess"],
  ["koa-session.cjs", "cookie-session", "koa.sess"],
  ["cookie-session.cjs", "cookie-session", "session"],
  ["iron-session.mjs", "iron-session", "iron"],
  ["secure-session.cjs", "@fastify/secure-session", "session"],
  ["koa-session-5.cjs", "cookie-session", "koa:sess", ["koa-session", "koa-session-5"]],
  ["cookie-session.cjs", "cookie-session", "express:sess", ["cookie-session", "cookie-session-1"]],
];

describe.each(CASES)("%s, %s, %s", (file, library, cookieName, older) => {
  let app = "";
  let base = "";
  beforeAll(async () => {
    app = older === undefined ? join(APPS, file) : await withOlder(file, ...older);
    base = (await start(app)).base;
  });

  it("shows its sessions and traces in the tab without a line of its own", async () => {
    await fetch(base); // iron-session tells its password at its first request
    const cookie = readPossession(await fetch(`${base}/login`, { method: "POST" }), cookieName);
    const { answer: hello } = await call(base, "hello", { protocol: 1 });
    expect(hello).toMatchObject({ library: { name: library }, cookieNames: [cookieName] });
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    expect(answer.found && JSON.parse(answer.session.dataJson)).toMatchObject({ user_id: 123 });
    const changed = ({ changes }: { changes: { key: string }[] }) =>
      changes.some(({ key }) => key === "user_id");
    const traces = await readTraces(base, [cookie], (found) => found.some(changed));
    expect(traces.find(changed)?.request).toMatchObject({ method: "POST", path: "/login", status: 200 });
  });

  it("answers as it does without us, but for Session-Trace", async () => {
    const plainApp = await start(app, { registered: false });
    const answers = async (address: string, registered: boolean) => {
      await fetch(address);
      const login = await fetch(`${address}/login`, { method: "POST" });
      const cookie = login.headers
        .getSetCookie()
        .map((line) => line.split(";", 1)[0])
        .join("; ");
      const home = await fetch(address, { headers: { cookie } });
      expect(home.headers.has("session-trace")).toBe(registered);
      return Promise.all(
        [login, home].map(async (response) => [
          response.status,
          [...response.headers].flatMap(([name, value]) => steady(name, value)),
          await response.text(),
        ]),
      );
    };
    const plain = await answers(plainApp.base, false);
    expect(await answers(base, true)).toEqual(plain);
    expect(plain[1]?.[2]).toBe("You are 123.");
  });
});

describe("session-bridge/register", () => {
  it.each(["production", "test", ""])(
    "ends the process at its start when NODE_ENV is %j",
    async (NODE_ENV) => {
      const { base, output } = await start(join(APPS, "express-session.cjs"), { NODE_ENV });
      expect(base).toBe("");
      expect(output()).toContain("is for development only");
    },
  );

  it("says in one line that the bridge is open, and lets what is no extension on to the app", async () => {
    const { base, output } = await start(join(APPS, "express-session.cjs"));
    expect(output().match(/\[session-bridge\]/g)).toHaveLength(1);
    expect(output()).toContain("express-session, for this machine only");
    const response = await fetch(`${base}/__sessions/v1/hello`, { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("Cannot POST");
  });
});

describe("a library whose options cannot be used", () => {
  const reasonOf = (library: string, ...args: unknown[]) => LIBRARIES[library]?.read(args, null).reason;

  it("is named with what to do, and the app goes on", () => {
    const signer = { sign: () => "", unsign: () => null };
    expect(reasonOf("express-session", {})).toContain("no secret of its own");
    expect(reasonOf("@fastify/session", {}, { secret: signer })).toContain("fastifySession()");
    expect(reasonOf("@fastify/session", {}, { secret: "text", cookiePrefix: "s:" })).toContain(
      "cookiePrefix",
    );
    expect(reasonOf("koa-session", { ContextStore: class {} }, {})).toContain("store");
    expect(reasonOf("@fastify/secure-session", {}, { secret: "text" })).toContain("give it as key");
    expect(reasonOf("iron-session", {}, {}, {})).toContain("password and cookieName");
  });

  it("is never the app's misfortune, whatever it passes", () => {
    for (const library of Object.keys(LIBRARIES)) {
      for (const args of [[], [null], [1, 2, 3], [{ secret: 5, key: 5, store: 5, name: 5 }, { key: 5 }]]) {
        expect(() => LIBRARIES[library]?.read(args, 1)).not.toThrow();
      }
    }
  });
});

it.each([
  ["koa-session", [{}, {}], "koa.sess"],
  ["cookie-session", [{ keys: ["k"] }], "session"],
])("%s of a version that is not known has the cookie of today's", (library, args, cookieName) => {
  expect(LIBRARIES[library]?.read(args, null).source?.cookieNames).toEqual([cookieName]);
});

describe("the version of a library", () => {
  it.each([
    ["koa-session", pathToFileURL(join(PACKAGES, "koa-session/dist/esm/index.js")).href, 7],
    ["koa-session", pathToFileURL(join(PACKAGES, "koa-session-5/index.js")).href, 5],
    ["koa-session", pathToFileURL(join(PACKAGES, "koa/lib/application.js")).href, null],
    ["koa-session", "data:text/javascript,", null],
  ])("of %s, loaded from %s, is %s", (library, url, major) => {
    expect(findMajor(library, url)).toBe(major);
  });
});

/** A header without what differs from one run to the next. */
function steady(name: string, value: string): [string, string][] {
  if (name === "session-trace") return [];
  if (name === "date") return [[name, ""]];
  return [[name, name === "set-cookie" ? value.replace(/=[^;]*/, "=").replace(/expires=[^;]*/i, "") : value]];
}
