/** What `npm install session-bridge` installs: files, entry points, types, and the README's first example, in an empty project. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProject, type Project, runTool } from "./project.ts";
import { tryExample } from "./readme.ts";

const run = promisify(execFile);

let project: Project;
beforeAll(async () => {
  project = await createProject();
}, 120_000);
afterAll(() => project?.remove());

/** Runs code in the project with this Node; resolves with what it printed. */
async function runCode(code: string): Promise<string> {
  const { stdout } = await run(process.execPath, ["--no-warnings", "--input-type=module", "-e", code], {
    cwd: project.directory,
    env: { ...process.env, NODE_ENV: "development" }, // `session-bridge/register` opens in no other
  });
  return stdout.trim();
}

describe("the packed library", () => {
  it("contains only what was built, its README and its licence", async () => {
    const { stdout } = await run("tar", ["-tzf", project.tarball]);
    const strangers = stdout
      .trim()
      .split("\n")
      .filter(
        (name) => !/^package\/(dist\/[\w/-]+\.(d\.ts|js)|README\.md|LICENSE|package\.json)$/.test(name),
      );
    expect(strangers).toEqual([]);
  });

  it("runs its README's first example", async () => {
    await expect(tryExample(project.directory, process.execPath)).resolves.toEqual([
      "Hello, guest. Page 1.",
      "Hello, john_doe. Page 2.",
      "Hello, john_doe. Page 3.",
    ]);
  });

  it("installs two other packages, and no driver", async () => {
    const tree = JSON.parse((await run("npm", ["ls", "--all", "--json"], { cwd: project.directory })).stdout);
    const own = tree.dependencies["session-bridge"].dependencies ?? {};
    expect(Object.keys(own).filter((name) => Object.keys(own[name]).length > 0)).toEqual([
      "jose",
      "lru-cache",
    ]);
  });

  it("loads every entry point without any driver", async () => {
    const { exports } = JSON.parse(await readFile(join(project.built, "package.json"), "utf8"));
    const doors = Object.keys(exports).filter((name) => !["./package.json", "./testing"].includes(name));
    const code = doors.map((door) => `await import(${JSON.stringify(`session-bridge${door.slice(1)}`)});`);
    expect(await runCode(`${code.join("\n")} console.log("open")`)).toBe("open");
  });

  it.each([
    ["postgres://localhost/app", "npm install pg"],
    ["mysql://localhost/app", "npm install mysql2"],
  ])("says at start what to install for %s", async (address, remedy) => {
    const code = `
      import { createSessions, database } from "session-bridge";
      try {
        createSessions({ secretKey: "x".repeat(50), engine: database(${JSON.stringify(address)}) });
      } catch (error) {
        console.log(error.code, error.message);
      }`;
    expect(await runCode(code)).toMatch(new RegExp(`^settings .*${remedy}`));
  });

  it("has a command", async () => {
    const { stdout } = await run("npx", ["--no-install", "session-bridge", "--help"], {
      cwd: project.directory,
    });
    expect(stdout).toContain("clear-expired");
  });

  it("has no complaint from publint", async () => {
    expect(await runTool("publint", ["run", "--strict", project.built], project.built)).toContain(
      "All good!",
    );
  });

  it("has no complaint from are-the-types-wrong, as an ESM package", async () => {
    await runTool("attw", ["--profile", "esm-only", project.tarball], project.built);
  }, 60_000);
});
