/**
 * `npm run test:package`: the packed library's first example on every Node that the package promises, each fetched through
 * npm into a temporary folder. Ends with 1 when one of them does not say what it should.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProject } from "./project.ts";
import { tryExample } from "./readme.ts";

const run = promisify(execFile);

const VERSIONS = ["22.13.0", "22", "24", "26"];
const EXPECTED = "Hello, guest. Page 1.|Hello, john_doe. Page 2.|Hello, john_doe. Page 3.";

const project = await createProject();
try {
  for (const version of VERSIONS) {
    const node = await fetchNode(version);
    const { stdout } = await run(node, ["--version"]);
    const said = (await tryExample(project.directory, node)).join("|");
    const good = said === EXPECTED;
    if (!good) process.exitCode = 1;
    console.log(`${good ? "ok " : "BAD"} Node ${stdout.trim()}${good ? "" : `: ${said}`}`);
  }
} finally {
  await project.remove();
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
