/** The first step of the two commands, in a folder where nothing is installed. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sessions-bootstrap-"));
  mkdirSync(join(folder, "scripts"));
  for (const file of ["bootstrap.mjs", "start.mjs", "test.mjs"]) {
    cpSync(join(ROOT, "scripts", file), join(folder, "scripts", file));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lock = (version: string) => JSON.stringify({ packages: { "node_modules/thing": { version } } });

/** An `npm` that does what `script` says. */
function writeNpm(script: string): void {
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin", "npm"), `#!/bin/sh\necho "npm was called: $*"\n${script}\n`);
  chmodSync(join(folder, "bin", "npm"), 0o755);
}

/** What an installation leaves: npm's list, and a Node that prints its arguments. */
function writeInstalled(version: string): void {
  mkdirSync(join(folder, "node_modules", "node", "bin"), { recursive: true });
  writeFileSync(join(folder, "node_modules", ".package-lock.json"), lock(version));
  symlinkSync(process.execPath, join(folder, "node_modules", "node", "bin", "node"));
}

function runScript(...args: string[]) {
  const env = { ...process.env, PATH: `${join(folder, "bin")}:/usr/bin:/bin` };
  const ended = spawnSync(process.execPath, [join(folder, "scripts", "test.mjs"), ...args], {
    env,
    encoding: "utf8",
  });
  return { code: ended.status, output: ended.stdout + ended.stderr };
}

function writeMain(code: string): void {
  mkdirSync(join(folder, "scripts", "test"), { recursive: true });
  writeFileSync(join(folder, "scripts", "test", "main.ts"), code);
}

describe("npm test and npm start", () => {
  it("import nothing that has to be installed first", () => {
    for (const file of ["bootstrap.mjs", "start.mjs", "test.mjs"]) {
      const text = readFileSync(join(ROOT, "scripts", file), "utf8");
      const imported = [...text.matchAll(/^import .*from "([^"]+)"/gm)].map((match) => match[1] ?? "");
      expect(imported.length).toBeGreaterThan(0);
      expect(imported.filter((name) => !name.startsWith("node:") && name !== "./bootstrap.mjs")).toEqual([]);
    }
  });

  it("say that they install, and why, and what to do when that fails", () => {
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.0"));
    writeNpm("exit 1");
    const { code, output } = runScript();
    expect(code).toBe(1);
    expect(output).toContain("Installing packages with npm ci, because the packages are not installed yet.");
    expect(output).toContain("npm was called: ci");
    expect(output).toContain(
      "npm ci failed, see above. Check the network and the disk, then run the command again.",
    );
  });

  it("install again when a package is not at the version that the lock file wants", () => {
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.1"));
    writeInstalled("1.0.0");
    writeNpm("exit 1");
    expect(runScript().output).toContain("because node_modules/thing is not at 1.0.1");
  });

  it("install nothing when everything is there, and pass on arguments and exit code", () => {
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.0"));
    writeInstalled("1.0.0");
    writeNpm("exit 1");
    writeMain(
      'const words: string[] = process.argv.slice(2); console.log("main got", words.join(" ")); process.exit(7);',
    );
    const { code, output } = runScript("unit", "house");
    expect(output.trim()).toBe("main got unit house");
    expect(code).toBe(7);
  });

  it("say when the package `node` was left out", () => {
    writeFileSync(join(folder, "package-lock.json"), lock("1.0.0"));
    writeNpm("exit 0");
    const { code, output } = runScript();
    expect(code).toBe(1);
    expect(output).toContain("Allow its install script");
  });
});
