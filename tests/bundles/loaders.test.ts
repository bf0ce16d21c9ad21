/** What loads the packed library without bundling it: Node's `require`, TypeScript's CommonJS, tsx, Jest, Vitest. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTool } from "../npm-package/project.ts";
import { createProjects, type Projects } from "./projects.ts";

const run = promisify(execFile);
const { resolve: pathOf } = createRequire(import.meta.url);

let projects: Projects;
beforeAll(async () => {
  projects = await createProjects();
}, 120_000);
afterAll(() => projects?.remove());

/** The output of a run, even if it failed. */
async function outputOf(running: Promise<{ stdout: string; stderr: string }>): Promise<string> {
  try {
    const { stdout, stderr } = await running;
    return stdout + stderr;
  } catch (error) {
    return String(Object(error).stdout) + String(Object(error).stderr);
  }
}

it("require() loads every entry point", async () => {
  const lines = projects.doors.map((door) => `require(${JSON.stringify(door)});`);
  const code = `${lines.join("\n")}\nconsole.log("loaded");`;
  const env = { ...process.env, NODE_ENV: "development" }; // session-bridge/register opens in no other
  expect(await outputOf(run(process.execPath, ["-e", code], { cwd: projects.workshop, env }))).toBe(
    "loaded\n",
  );
});

describe("TypeScript", () => {
  const APP = `
    import { cache, createSessions, SessionError } from "session-bridge";
    import { openBridge } from "session-bridge/bridge";
    import { withSession } from "session-bridge/fetch";
    import { sessionMiddleware } from "session-bridge/koa";
    import { withSessions } from "session-bridge/node";
    import { cookieSession } from "session-bridge/sources";
    const sessions = createSessions({ secretKey: "k".repeat(50), engine: cache("memory:") });
    sessions.open().set("user_id", 123);
    export const used = [openBridge, withSession, sessionMiddleware, withSessions, cookieSession, SessionError];
    console.log("loaded");`;

  /** Compiles the application; returns the folder with `app.js`. Rejects with the compiler's messages. */
  async function compile(
    module: string,
    type: "commonjs" | "module",
    options: Record<string, unknown> = {},
  ): Promise<string> {
    const folder = await mkdtemp(join(projects.workshop, "typescript-"));
    const compilerOptions = {
      strict: true,
      target: "es2022",
      module,
      types: ["node"],
      typeRoots: [join(import.meta.dirname, "../../node_modules/@types")],
      skipLibCheck: true,
      ...options,
    };
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type }));
    await writeFile(join(folder, "app.ts"), APP);
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
    await runTool("tsc", ["-p", folder], folder);
    return folder;
  }

  for (const [module, type] of [
    ["nodenext", "module"],
    ["node16", "module"],
    ["nodenext", "commonjs"],
    ["node20", "commonjs"],
  ] as const) {
    it(`module: "${module}" compiles what is ${type === "module" ? "an ES module" : "CommonJS"}, and Node runs it`, async () => {
      const folder = await compile(module, type);
      expect(await outputOf(run(process.execPath, ["app.js"], { cwd: folder }))).toBe("loaded\n");
    });
  }

  it('cannot: module: "node16" refuses the import from CommonJS, because Node 16 could not do it', async () => {
    await expect(compile("node16", "commonjs")).rejects.toThrow("TS1479");
  });

  it("lib: es2021 compiles all of our declarations, without skipLibCheck", async () => {
    await compile("nodenext", "module", { target: "es2021", lib: ["es2021"], skipLibCheck: false });
  });
});

describe("tsx", () => {
  /** Runs an app on express-session that requests itself once, and does not know `register`. @param load loads the library */
  async function runTsx(type: "commonjs" | "module", load: string): Promise<string> {
    const folder = await mkdtemp(join(projects.workshop, "tsx-"));
    const app = `import { createServer } from "node:http";
      import type { AddressInfo } from "node:net";
      ${load}
      const sessions = session({ secret: "keyboard cat", resave: false, saveUninitialized: false });
      const server = createServer((request: any, response) =>
        sessions(request, response, () => {
          request.session.visits = 1;
          response.end();
        }),
      );
      server.listen(0, "127.0.0.1", async () => {
        const { port } = server.address() as AddressInfo;
        const { headers } = await fetch("http://127.0.0.1:" + port);
        console.log("trace:", headers.has("session-trace"));
        server.close();
      });`;
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type }));
    await writeFile(join(folder, "app.ts"), app);
    const env = {
      ...process.env,
      NODE_ENV: "development",
      NODE_OPTIONS: "--import=session-bridge/register",
    };
    return outputOf(run(process.execPath, [pathOf("tsx/cli"), "app.ts"], { cwd: folder, env }));
  }

  for (const [type, load] of [
    ["module", 'import session from "express-session";'],
    ["module", 'import session, { MemoryStore } from "express-session"; new MemoryStore();'],
    [
      "module",
      'import { createRequire } from "node:module"; const session = createRequire(import.meta.url)("express-session");',
    ],
    ["commonjs", 'import session from "express-session";'],
    ["commonjs", 'const session = require("express-session");'],
  ] as const) {
    it(`opens the bridge by session-bridge/register in ${type === "module" ? "an ES module" : "CommonJS"} with ${load}`, async () => {
      const output = await runTsx(type, load);
      expect(output).toMatch(/^trace: true$/m);
      expect(output).toMatch(
        /^\[session-bridge\] express-session [\d.]+: the Sessions tab in DevTools can read/m,
      );
    });
  }
});

describe("Jest", () => {
  /** Runs `sessions.jest.cjs`; returns the report. */
  async function runJest(config: object, flags: string[] = []): Promise<string> {
    const folder = await mkdtemp(join(projects.withDriver, "jest-"));
    await cp(join(import.meta.dirname, "sessions.jest.cjs"), join(folder, "sessions.jest.cjs"));
    const whole = { testMatch: ["**/*.jest.cjs"], testEnvironment: "node", watchman: false, ...config };
    await writeFile(
      join(folder, "jest.json"),
      JSON.stringify({ ...whole, cacheDirectory: join(folder, "cache") }),
    );
    const args = [...flags, pathOf("jest/bin/jest"), "--config", "jest.json", "--ci"];
    return outputOf(run(process.execPath, args, { cwd: folder }));
  }

  it("requires it with --experimental-vm-modules", async () => {
    const report = await runJest({ transform: {} }, ["--experimental-vm-modules"]);
    expect(report).toMatch(/^Tests: +4 passed, 4 total$/m);
  });

  it("requires it with Babel", async () => {
    const presets = [[pathOf("@babel/preset-env"), { targets: { node: "current" } }]];
    const report = await runJest({
      transform: { "\\.c?js$": [pathOf("babel-jest"), { presets }] },
      transformIgnorePatterns: ["/node_modules/(?!session-bridge/)"],
    });
    expect(report).toMatch(/^Tests: +4 passed, 4 total$/m);
  });

  it("cannot: requires it without either, and says what to do", async () => {
    const report = await runJest({ transform: {} });
    expect(report).toMatch(/Must use import to load ES Module: .*session-bridge/);
    expect(report).toContain("transformIgnorePatterns");
  });
});

it("Vitest imports it", async () => {
  const folder = await mkdtemp(join(projects.withDriver, "vitest-"));
  const code = `import { createSessions, database } from "session-bridge";
    test("PostgreSQL's driver is found", () => {
      createSessions({ secretKey: "k".repeat(50), engine: database("postgres://nowhere.invalid/app") });
    });`;
  await writeFile(join(folder, "sessions.test.mjs"), code);
  expect(await runTool("vitest", ["run", "--globals", "--root", folder, "--no-color"], folder)).toMatch(
    /Tests +1 passed/,
  );
});
