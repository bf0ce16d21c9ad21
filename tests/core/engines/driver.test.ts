/** Where a driver is looked for, and what is said if it is missing or broken. */
import { execFile } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { loadDriver } from "../../../server-bridge/src/core/engines/driver.ts";
import { makeDirectory } from "./servers.ts";

let folder: string;
beforeEach(async () => {
  const place = await makeDirectory();
  folder = place.address;
  return place.remove;
});

/** Installs a package with one file, or none, in a separate project; returns the project's folder. */
async function install(name: string, code: string | null, place = "project"): Promise<string> {
  const project = join(folder, place);
  const home = join(project, "node_modules", name);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "package.json"), JSON.stringify({ name, main: "driver.js" }));
  if (code !== null) await writeFile(join(home, "driver.js"), code);
  return project;
}

/** Makes this process look as if it was started by `node program` in `cwd`. */
function pretend(program: string, cwd = folder): void {
  const { argv, cwd: originalCwd } = process;
  onTestFinished(() => {
    process.argv = argv;
    process.cwd = originalCwd;
  });
  process.argv = [process.execPath, program];
  process.cwd = () => cwd;
}

const IS_FOUND = "module.exports = 'found'";

describe("a driver is found", () => {
  it("next to the library", () => {
    pretend(join(folder, "app.js"));
    expect(loadDriver("pg", "the test")).toBe(pg);
  });

  it("next to the program that was started", async () => {
    const project = await install("a-driver", IS_FOUND);
    pretend(join(project, "dist/app.cjs"));
    expect(loadDriver("a-driver", "the test")).toBe("found");
  });

  it("next to the program before the working directory", async () => {
    const app = await install("a-driver", "module.exports = 'the app’s'", "app");
    const elsewhere = await install("a-driver", "module.exports = 'another'", "elsewhere");
    pretend(join(app, "app.cjs"), elsewhere);
    expect(loadDriver("a-driver", "the test")).toBe("the app’s");
  });

  it("in the folder that was started, as by `node .`", async () => {
    pretend(await install("a-driver", IS_FOUND));
    expect(loadDriver("a-driver", "the test")).toBe("found");
  });

  it("next to the target of a link, because npm links commands", async () => {
    const project = await install("a-driver", IS_FOUND);
    await writeFile(join(project, "app.cjs"), "");
    await symlink(join(project, "app.cjs"), join(folder, "command"));
    pretend(join(folder, "command"));
    expect(loadDriver("a-driver", "the test")).toBe("found");
  });

  it("in the working directory's project", async () => {
    pretend(join(folder, "app.js"), await install("a-driver", IS_FOUND));
    expect(loadDriver("a-driver", "the test")).toBe("found");
  });
});

describe("a missing driver", () => {
  it("is named with the command to install it", () => {
    expect(() => loadDriver("no-driver/promise", "database('no://…')")).toThrow(
      expect.objectContaining({
        code: "settings",
        message:
          "[session-bridge] database('no://…') needs the package no-driver, which is not installed here. Run: npm install no-driver",
      }),
    );
  });

  it("is named even if the working directory is gone", () => {
    pretend(join(folder, "app.js"));
    process.cwd = () => {
      throw new Error("ENOENT: no such file or directory, uv_cwd");
    };
    expect(() => loadDriver("no-driver", "the test")).toThrow(/Run: npm install no-driver$/);
  });
});

describe("an installed but broken driver is not reported as missing", () => {
  it.each([
    ["throws", "throw new Error('no native build for postgres://me:hunter2@host')", "Error at "],
    ["lacks one of its own packages", "require('its-parser')", "Cannot find module 'its-parser'"],
    ["misses its main file", null, "Cannot find module '"],
  ])("when it %s", async (_, code, reason) => {
    pretend(join(await install("broken-driver", code), "app.js"));
    const start =
      "[session-bridge] the test needs the package broken-driver, which is installed but fails to load: ";
    expect(() => loadDriver("broken-driver", "the test")).toThrow(`${start}${reason}`);
    expect(() => loadDriver("broken-driver", "the test")).not.toThrow("hunter2");
  });
});

it("a Node without SQLite is distinguished from a file that cannot be opened", async () => {
  const code = `import { createSessions, database } from "session-bridge";
    await createSessions({ secretKey: "k".repeat(50), engine: database("sqlite::memory:") }).migrate();`;
  const flags = ["--conditions=sessions-source", "--no-experimental-sqlite", "--input-type=module"];
  const started = promisify(execFile)(process.execPath, [...flags, "-e", code]);
  await expect(started).rejects.toThrow(
    "[session-bridge] database('sqlite:…') needs node:sqlite, which this Node was started or built without.",
  );
});
