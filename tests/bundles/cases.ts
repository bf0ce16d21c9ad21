/** The table of what every bundle has to do, and what no bundle can do. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { Visitor } from "../adapters/client.ts";
import { readTraces } from "../sources/panel-client.ts";
import type { Bundler } from "./bundlers.ts";
import { type Program, startProgram } from "./program.ts";
import type { Projects } from "./projects.ts";

/** What is bundled: the small application, all of the library's entry points, the application on another library. */
export type Entry = "app" | "doors" | "foreign-app";

/** One bundler's output. */
export interface Work {
  bundler: Bundler;
  projects: Projects;
  /** Address of an empty PostgreSQL database. */
  postgres: string;
  /** File names of the bundles, in the workshop's `dist`. */
  files: Record<Entry, string>;
  /** The bundler's warnings for the small application. */
  warnings: string[];
}

/** One thing to do. */
export interface Case {
  name: string;
  run(work: Work): Promise<void>;
  /** Which bundlers this applies to. Absent: all. */
  asks?(bundler: Bundler): boolean;
  /** Why it cannot be done. `run` shows what happens instead. */
  impossible?: string;
}

/** Every case. */
export const CASES: readonly Case[] = [
  {
    name: "is made without a warning",
    run: async ({ warnings }) => expect(warnings).toEqual([]),
  },
  {
    name: "loads with every entry point of the library",
    asks: isCommonJs,
    async run(work) {
      const file = await bring(work, "doors", work.projects.withDriver);
      const env = { NODE_ENV: "development" }; // session-bridge/register opens in no other
      const program = await startProgram([file], { cwd: work.projects.withDriver, env });
      expect(program.output()).toBe("loaded\n");
    },
  },
  {
    name: "keeps sessions in PostgreSQL, started in the project's folder",
    run: (work) => countVisits(work, work.projects.withDriver, work.postgres),
  },
  {
    name: "keeps sessions in PostgreSQL, started in another folder",
    run: (work) => countVisits(work, work.projects.elsewhere, work.postgres),
  },
  {
    name: "keeps sessions in PostgreSQL, started in the project's folder, but located elsewhere",
    async run(work) {
      const file = await bring(work, "app", work.projects.elsewhere);
      await visit(file, work.projects.withDriver, work.postgres);
    },
  },
  {
    name: "keeps sessions in SQLite, started in the project's folder",
    run: (work) => countVisits(work, work.projects.withDriver, "sqlite::memory:"),
  },
  {
    name: "keeps sessions in SQLite, started in another folder",
    run: (work) => countVisits(work, work.projects.elsewhere, "sqlite::memory:"),
  },
  {
    name: "says at start what to install if the driver is missing",
    async run(work) {
      const { withoutDriver } = work.projects;
      const file = await bring(work, "app", withoutDriver);
      const program = await startApp([file], withoutDriver, work.postgres);
      expect(program.port).toBeNull();
      expect(program.output()).toContain(
        "[session-bridge] database('postgres://…') needs the package pg, which is not installed here. Run: npm install pg",
      );
      expect(program.output()).not.toMatch(/^(Type|Reference|Syntax)Error/m);
    },
  },
  {
    name: "accepts an application with top-level await",
    asks: ({ refusesAwait }) => refusesAwait !== true,
    async run(work) {
      const program = await startProgram([await bundleAwaiting(work)], {
        cwd: work.projects.workshop,
        env: {},
      });
      expect(program.output()).toBe("awaited\n");
    },
  },
  {
    name: "accepts an application with top-level await",
    asks: ({ refusesAwait }) => refusesAwait === true,
    impossible: "the bundler refuses it in CommonJS; write .then(), or bundle an ES module",
    run: (work) => expect(bundleAwaiting(work)).rejects.toThrow(/top-level await/i),
  },
  {
    name: "tells the tab which line wrote a key, with --enable-source-maps",
    run: async (work) => expect(await readWriter(work, ["--enable-source-maps"])).toMatch(/app\.mjs:14$/),
  },
  {
    name: "tells the tab which line wrote a key, without source maps",
    impossible:
      "application and library are one file, in which no line can be told from another; none is named",
    run: async (work) => expect(await readWriter(work, [])).toBeNull(),
  },
  {
    name: "shows a bundled session library with session-bridge/register",
    asks: isCommonJs,
    impossible: "Node's hooks see what Node loads; the application works, and there is no bridge",
    async run(work) {
      const { withDriver } = work.projects;
      const file = await bring(work, "foreign-app", withDriver);
      const program = await startProgram([file], { cwd: withDriver, env: { NODE_ENV: "development" } });
      try {
        const answer = await new Visitor(portOf(program)).ask("/");
        expect([answer.body, answer.get("session-trace")]).toEqual(["1", undefined]);
      } finally {
        await program.stop();
      }
    },
  },
];

function isCommonJs({ format }: Bundler): boolean {
  return format === "cjs";
}

/** Bundles an application with top-level await; returns the bundle's path. */
async function bundleAwaiting({ bundler, projects, files }: Work): Promise<string> {
  const entry = join(projects.workshop, "awaiting.mjs");
  const code = `import { createSessions, database } from "session-bridge";
    const sessions = createSessions({ secretKey: "k".repeat(50), engine: database("sqlite::memory:") });
    await sessions.migrate();
    console.log("awaited");`;
  await writeFile(entry, code);
  const file = join(projects.workshop, "dist", files.app.replace("app", "awaiting"));
  await bundler.bundle(entry, file);
  return file;
}

/** Copies a bundle and its map from the workshop to a project's `dist`; returns its path there. */
async function bring({ projects, files }: Work, entry: Entry, to: string): Promise<string> {
  const name = files[entry];
  await mkdir(join(to, "dist"), { recursive: true });
  for (const one of [name, `${name}.map`])
    await cp(join(projects.workshop, "dist", one), join(to, "dist", one));
  return join(to, "dist", name);
}

/** Three visits to the bundle in the project with the driver. */
async function countVisits(work: Work, cwd: string, database: string): Promise<void> {
  await visit(await bring(work, "app", work.projects.withDriver), cwd, database);
}

async function visit(file: string, cwd: string, database: string): Promise<void> {
  const program = await startApp([file], cwd, database);
  try {
    const visitor = new Visitor(portOf(program));
    const bodies: string[] = [];
    for (let at = 0; at < 3; at++) bodies.push((await visitor.ask("/")).body);
    expect(bodies).toEqual(["1", "2", "3"]);
  } finally {
    await program.stop();
  }
}

/** The line of the application that the bridge names for the key `visits`, or null. */
async function readWriter(work: Work, flags: readonly string[]): Promise<string | null> {
  const { withDriver } = work.projects;
  const file = await bring(work, "app", withDriver);
  const more = { NODE_ENV: "development", BRIDGE: "open" }; // lines are read in development only
  const program = await startApp([...flags, file], withDriver, "sqlite::memory:", more);
  try {
    const port = portOf(program);
    const visitor = new Visitor(port);
    await visitor.ask("/");
    const cookie = visitor.cookie?.split("=")[1] ?? "";
    const [trace] = await readTraces(`http://127.0.0.1:${port}`, [cookie], (found) => found.length > 0);
    const change = trace?.changes.find(({ key }) => key === "visits");
    expect(change).toBeDefined();
    return change?.writer ?? null;
  } finally {
    await program.stop();
  }
}

function startApp(
  args: readonly string[],
  cwd: string,
  database: string,
  more: Record<string, string> = {},
): Promise<Program> {
  const env = { DATABASE: database, SECRET_KEY: "only for the tests of bundles, fifty characters", ...more };
  return startProgram(args, { cwd, env });
}

function portOf({ port, output }: Program): number {
  if (port === null) throw new Error(`The bundle ended at its start:\n${output()}`);
  return port;
}
