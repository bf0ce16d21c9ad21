/**
 * `npm run test:package`: the packed library's first example on every Node that the package promises, each fetched through
 * npm into a temporary folder; and `session-bridge/register`, which says so where Node is too old for it. Ends with 1 when
 * one of them does not say what it should.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProject } from "./project.ts";
import { tryExample } from "./readme.ts";

const run = promisify(execFile);

/** The oldest that the package promises; `session-bridge/register` asks for 22.15. */
const OLDEST = "22.13.0";
const VERSIONS = [OLDEST, "22", "24", "26"];
const EXPECTED = "Hello, guest. Page 1.|Hello, john_doe. Page 2.|Hello, john_doe. Page 3.";

const project = await createProject();
try {
  for (const version of VERSIONS) {
    const node = await fetchNode(version);
    const { stdout } = await run(node, ["--version"]);
    const said = (await tryExample(project.directory, node)).join("|");
    const registered = await register(node);
    const good = said === EXPECTED && registered === (version === OLDEST ? "too old" : "registered");
    if (!good) process.exitCode = 1;
    console.log(`${good ? "ok " : "BAD"} Node ${stdout.trim()}${good ? "" : `: ${said}, ${registered}`}`);
  }
} finally {
  await project.remove();
}

/** What becomes of an app that is started with `--import session-bridge/register`. */
async function register(node: string): Promise<string> {
  const args = ["--no-warnings", "--import", "session-bridge/register", "-e", "console.log('registered')"];
  const env = { ...process.env, NODE_ENV: "development", NODE_OPTIONS: "" };
  try {
    const { stdout } = await run(node, args, { cwd: project.directory, env });
    return stdout.trim();
  } catch (error) {
    return String(Object(error).stderr).includes("needs Node 22.15 or later") ? "too old" : String(error);
  }
}

/** The path of one version's program. The package `node` fetches it in a script; this takes the one it would fetch. */
async function fetchNode(version: string): Promise<string> {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const folder = join(project.directory, "..", `node-${version}`);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  const name = `node-${platform}-${process.arch}`;
  await run("npm", ["install", `${name}@${version}`, "--no-audit", "--no-fund"], { cwd: folder });
  return join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
}
