/** On a Node that is too old, `register` and the command line end at their start with one sentence that says so. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sayOldNode } from "../../server-bridge/src/core/errors.ts";

const ROOT = join(import.meta.dirname, "../..");
const FLAGS = ["--conditions=sessions-source", "--no-warnings"];
const COMMAND_LINE = join(ROOT, "server-bridge/src/cli/main.ts");

/** Code that makes Node call itself this version. The real ones are tried by `npm run test:package`. */
const named = (version: string) =>
  `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} });`;

/** Node 22.13 has no `registerHooks`. */
const WITHOUT_HOOKS = 'import nodeModule from "node:module"; nodeModule.registerHooks = undefined;';

/** What becomes of Node with these arguments after this code. */
function run(before: string, args: readonly string[]) {
  const first = `data:text/javascript,${encodeURIComponent(before)}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...FLAGS, "--import", first, ...args], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "development" },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const REGISTER = ["--import", "session-bridge/register", "-e", 'console.log("the app runs")'];

describe("on a Node that is too old", () => {
  it.each([
    ["session-bridge/register", REGISTER],
    ["the command line", [COMMAND_LINE, "--help"]],
  ])("%s ends with the sentence, before anything else", (_, args) => {
    expect(run(named("20.18.1"), args)).toEqual({
      status: 1,
      stdout: "",
      stderr: "[session-bridge] session-bridge needs Node 22.13 or later; this is 20.18.1.\n",
    });
  });

  it("session-bridge/register says that it needs a later one than the rest", () => {
    const { status, stdout, stderr } = run(named("22.13.0") + WITHOUT_HOOKS, REGISTER);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^\[session-bridge\] session-bridge\/register needs Node 22\.15 or later; [^\n]*\n$/,
    );
  });
});

describe("the oldest Node", () => {
  it.each(["18.20.0", "20.9.0", "21.99.0", "22.12.9"])("is not %s", (version) => {
    expect(sayOldNode(version)).toContain(`this is ${version}.`);
  });

  it.each(["22.13.0", "22.22.1", "23.0.0", "24.1.0", "100.0.0"])("is %s or one before that", (version) => {
    expect(sayOldNode(version)).toBeNull();
  });
});
