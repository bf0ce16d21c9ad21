/** `node --import session-bridge/register app.js`: apps that know nothing of the bridge get the tab, and behave as before. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIBRARIES } from "../../server-bridge/src/register/libraries.ts";
import { findVersion, toMajor } from "../../server-bridge/src/register/package-version.ts";
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

/** A copy of an app that finds an older version under its library's name; returns the copy's path. */
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

const FLAGS = ["--conditions=sessions-source", "--no-warnings"];
const PRELOAD = ["--import", "session-bridge/register"];

/** Starts an app, given by its path, as a separate process; returns its address, or its output if it ended immediately. */
async function start(app: string, { registered = true, NODE_ENV = "development", BRIDGE = "" } = {}) {
  const child = spawn(process.execPath, [...FLAGS, ...(registered ? PRELOAD : []), app], {
    env: { ...process.env, NODE_ENV, BRIDGE },
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
  return {
    base,
    output: () => output,
    /** Ends the app; resolves with all of the library's lines. */
    async lines() {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
      return linesIn(output);
    },
  };
}

function linesIn(output: string): string[] {
  return output.split("\n").filter((line) => line.startsWith("[session-bridge] "));
}

/** Runs code of an app to its end, which must be a good one; returns the library's lines. */
async function runCode(
  code: string,
  env: Record<string, string>,
  flags: readonly string[],
): Promise<string[]> {
  const child = spawn(process.execPath, [...flags, "-e", code], {
    cwd: APPS,
    env: { ...process.env, NODE_ENV: "development", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const [out, errors, ended] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  expect(ended, out + errors).toEqual([0, null]);
  return linesIn(out + errors);
}

/** Code of a server that listens, and closes. */
const SERVER = 'const s = require("node:http").createServer().listen(0, () => s.close())';

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

  it("shows its sessions and traces in the tab without a line in its code", async () => {
    await fetch(base); // iron-session passes its password with its first request
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

  it("responds as it does without us, except for Session-Trace", async () => {
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
      expect(output()).toMatch(
        /^\[session-bridge\] NODE_ENV is .*: session-bridge\/register is for development only\. [^\n]*\n$/,
      );
    },
  );

  it("passes a call that is not an extension's to the app", async () => {
    const { base } = await start(join(APPS, "express-session.cjs"));
    const response = await fetch(`${base}/__sessions/v1/hello`, { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("Cannot POST");
  });
});

describe("the terminal", () => {
  const known = Object.keys(LIBRARIES);

  it("says once, when the server listens, which library and version was recognised", async () => {
    const app = await start(join(APPS, "express-session.cjs"));
    await fetch(app.base);
    expect(await app.lines()).toEqual([
      `[session-bridge] express-session ${versionOf("express-session")}: the Sessions tab in DevTools can read its sessions, on this machine only.`,
    ]);
  });

  it("says that no library was recognised so far, which are supported, and which line to add", async () => {
    const app = await start(join(APPS, "no-library.cjs"));
    await fetch(app.base);
    const [line = "", ...more] = await app.lines();
    expect(more).toEqual([]);
    expect(line).toContain("no session library recognised so far");
    for (const name of known) expect(line).toContain(name);
    expect(line).toContain("app.use(openBridge(…))");
  });

  it("says of a library that passes its options with the first request that it was recognised, and then what is read", async () => {
    const app = await start(join(APPS, "iron-session.mjs"));
    await fetch(app.base);
    const named = `[session-bridge] iron-session ${versionOf("iron-session")}`;
    expect(await app.lines()).toEqual([
      `${named} recognised. What the Sessions tab can read is known when the app calls it.`,
      `${named}: the Sessions tab in DevTools can read its sessions, on this machine only.`,
    ]);
  });

  it("says of two libraries that the first that is called is shown, and no more than it knows", async () => {
    const code = `require("express-session"); require("cookie-session"); ${SERVER}`;
    expect(await runCode(code, {}, [...FLAGS, ...PRELOAD])).toEqual([
      `[session-bridge] express-session ${versionOf("express-session")} and cookie-session ${versionOf("cookie-session")} recognised. The Sessions tab shows the one that the app calls first; what it can read is known then.`,
    ]);
  });

  it.each(["createServer", "createSecureServer"])(
    "says of a server by http2.%s that register does not serve it, and does not say that it can be read",
    async (create) => {
      const code = `require("express-session")({ secret: "s", resave: false, saveUninitialized: false });
        const s = require("node:http2").${create}().listen(0, () => s.close())`;
      expect(await runCode(code, {}, [...FLAGS, ...PRELOAD])).toEqual([
        expect.stringMatching(/node:http2, which session-bridge\/register does not serve\. Add .*openBridge/),
      ]);
    },
  );

  it("says nothing of an http2 server in an app that has the line", async () => {
    const code = `import("session-bridge/bridge").then(() => {
      const s = require("node:http2").createServer().listen(0, () => s.close())
    })`;
    expect(await runCode(code, {}, [...FLAGS, ...PRELOAD])).toEqual([]);
  });

  it("says of an app on session-bridge that it needs the line, and nothing if it has it", async () => {
    const without = await start(join(APPS, "own-sessions.mjs"));
    expect(await without.lines()).toEqual([expect.stringContaining("app.use(openBridge(sessions))")]);
    const having = await start(join(APPS, "own-sessions.mjs"), { BRIDGE: "1" });
    expect(await having.lines()).toEqual([expect.stringContaining("open for the Sessions tab in DevTools")]);
  });

  it("says nothing in a program that never listens, and does not keep it alive", async () => {
    const recognises =
      'require("express-session")({ secret: "s", resave: false, saveUninitialized: false });';
    expect(await runCode(recognises, {}, [...FLAGS, ...PRELOAD])).toEqual([]);
    expect(await runCode("1", {}, [...FLAGS, ...PRELOAD])).toEqual([]);
    const others = 'const server = require("node:net").createServer().listen(0, () => server.close());';
    expect(await runCode(others, {}, [...FLAGS, ...PRELOAD])).toEqual([]);
  });

  it("prints only in the app when NODE_OPTIONS loads register into the programs around it", async () => {
    const runner = (code: string) =>
      `process.exitCode = require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(code)}], { stdio: "inherit" }).status`;
    const worker = `new (require("node:worker_threads").Worker)("1", { eval: true }); ${SERVER}`;
    const NODE_OPTIONS = [...FLAGS, "--import=session-bridge/register"].join(" ");
    expect(await runCode(runner(runner(worker)), { NODE_OPTIONS }, [])).toEqual([
      expect.stringContaining("no session library recognised so far"),
    ]);
  });

  it("says each thing once, however often the app calls a library and listens", async () => {
    const code = `const { createServer } = require("node:http");
      const first = createServer().listen(0, () => {
        const session = require("express-session");
        for (const options of [{}, {}]) session(options);
        const second = createServer().listen(0, () => { first.close(); second.close() });
      })`;
    expect(await runCode(code, {}, [...FLAGS, ...PRELOAD])).toEqual([
      expect.stringContaining("no session library recognised so far"),
      expect.stringMatching(/express-session [\d.]+: it has no secret/),
    ]);
  });

  it("does not say that the tab can read a session whose owner is unknown", async () => {
    const code = `require("cookie-session")({ name: "s", signed: false }); ${SERVER}`;
    const lines = await runCode(code, {}, [...FLAGS, ...PRELOAD]);
    expect(lines).toEqual([expect.stringMatching(/cookie-session [\d.]+: the Sessions tab cannot read/)]);
  });
});

describe("a library whose options cannot be used", () => {
  const reasonOf = (library: string, ...args: unknown[]) => LIBRARIES[library]?.read(args, null).reason;

  it("is reported with what to do, and the app continues", () => {
    const signer = { sign: () => "", unsign: () => null };
    expect(reasonOf("express-session", {})).toContain("it has no secret");
    expect(reasonOf("@fastify/session", {}, { secret: signer })).toContain("fastifySession()");
    expect(reasonOf("@fastify/session", {}, { secret: "text", cookiePrefix: "s:" })).toContain(
      "cookiePrefix",
    );
    expect(reasonOf("koa-session", { ContextStore: class {} }, {})).toContain("store");
    expect(reasonOf("@fastify/secure-session", {}, { secret: "text" })).toContain("give it as key");
    expect(reasonOf("iron-session", {}, {}, {})).toContain("password and cookieName");
  });

  it("never breaks the app, whatever it passes", () => {
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
])("%s of an unknown version has the current version's cookie", (library, args, cookieName) => {
  expect(LIBRARIES[library]?.read(args, null).source?.cookieNames).toEqual([cookieName]);
});

describe("the version of a library", () => {
  it.each([
    ["koa-session", pathToFileURL(join(PACKAGES, "koa-session/dist/esm/index.js")).href, 7],
    ["koa-session", pathToFileURL(join(PACKAGES, "koa-session-5/index.js")).href, 5],
    ["koa-session", pathToFileURL(join(PACKAGES, "koa/lib/application.js")).href, null],
    ["koa-session", "data:text/javascript,", null],
  ])("of %s, loaded from %s, is %s", (library, url, major) => {
    expect(toMajor(findVersion(library, url))).toBe(major);
  });
});

function versionOf(library: string): string {
  return JSON.parse(readFileSync(join(PACKAGES, library, "package.json"), "utf8")).version;
}

/** A header without the parts that differ between runs. */
function steady(name: string, value: string): [string, string][] {
  if (name === "session-trace") return [];
  if (name === "date") return [[name, ""]];
  return [[name, name === "set-cookie" ? value.replace(/=[^;]*/, "=").replace(/expires=[^;]*/i, "") : value]];
}
