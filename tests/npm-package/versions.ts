/**
 * `npm run test:package`: on every Node that the package promises, each fetched through npm into a temporary folder, the
 * packed library's first example, a user's devices in SQLite, and `session-bridge/register`, which says so if Node is too old
 * for it; and every entry point on a Node that is too old for all of them. Exits with 1 if one of them does not print what
 * it should.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createProject } from "./project.ts";
import { tryExample } from "./readme.ts";

const run = promisify(execFile);

/** The oldest that the package promises; `session-bridge/register` requires 22.15. */
const OLDEST = "22.13.0";
/** 22.15.0 and 24.0.0 do not load CommonJS as the later ones do when hooks are registered. */
const VERSIONS = [OLDEST, "22.15.0", "22", "24.0.0", "24", "26"];
/** An app that does not know `register`; prints whether its response names a trace. */
const FOREIGN_APP = `
  const express = require("express");
  const session = require("express-session");
  const app = express();
  app.use(session({ secret: "keyboard cat", resave: false, saveUninitialized: true }));
  app.get("/", (request, response) => response.send("done"));
  const server = app.listen(0, "127.0.0.1", async () => {
    const { headers } = await fetch("http://127.0.0.1:" + server.address().port);
    console.log(headers.has("session-trace") ? "registered" : "without the bridge");
    process.exit();
  });`;
/** Two logins of a user in SQLite, one of which gets a new key and ends the other; prints how many devices are left. */
const DEVICES = `
  import { createSessions, database } from "session-bridge";
  const users = { of: (session) => session.get("user_id"), exclusive: true };
  const sessions = createSessions({ secretKey: "x".repeat(50), engine: database("sqlite::memory:"), users });
  const logIn = async () => {
    const session = sessions.open();
    session.set("user_id", 1);
    await session.save();
    return session;
  };
  const [one] = [await logIn(), await logIn()];
  await one.cycleKey();
  one.set("seen", true);
  await one.save();
  const { added } = await sessions.reindex();
  const { ended, complete } = await sessions.endAll(1, { except: one });
  let left = 0;
  for await (const { current } of sessions.forUser(1, { current: one })) left += current ? 1 : 100;
  console.log([added, ended, complete, left].join(" "));`;
/** Too old: before and after `require()` of an ES module, and before `crypto.hash`. */
const TOO_OLD = ["18", "20.9.0", "20"];
const EXPECTED = "Hello, guest. Page 1.|Hello, john_doe. Page 2.|Hello, john_doe. Page 3.";

const project = await createProject();
try {
  const packages = ["express@5", "express-session@1", "--prefer-offline", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...packages], { cwd: project.directory });
  await writeFile(join(project.directory, "foreign.cjs"), FOREIGN_APP);
  for (const version of VERSIONS) {
    const node = await fetchNode(version);
    const { stdout } = await run(node, ["--version"]);
    const said = (await tryExample(project.directory, node)).join("|");
    const registered = await register(node);
    const devices = await runDevices(node);
    const good =
      said === EXPECTED &&
      devices === "0 1 true 1" &&
      registered === (version === OLDEST ? "too old" : "registered");
    if (!good) process.exitCode = 1;
    console.log(
      `${good ? "ok " : "BAD"} Node ${stdout.trim()}${good ? "" : `: ${said}, ${registered}, ${devices}`}`,
    );
  }
  for (const version of TOO_OLD) {
    const node = await fetchNode(version);
    const { stdout } = await run(node, ["--version"]);
    const sentence = `[session-bridge] session-bridge needs Node 22.13 or later; this is ${stdout.trim().slice(1)}.`;
    const silent = await findSilent(node, sentence);
    if (silent.length > 0) process.exitCode = 1;
    console.log(
      `${silent.length === 0 ? "ok " : "BAD"} Node ${stdout.trim()}, too old${silent.length === 0 ? "" : `: ${silent.join(", ")}`}`,
    );
  }
} finally {
  await project.remove();
}

/** The result of an app that is started with `--import session-bridge/register`. */
async function register(node: string): Promise<string> {
  const args = ["--no-warnings", "--import", "session-bridge/register", "foreign.cjs"];
  const env = { ...process.env, NODE_ENV: "development", NODE_OPTIONS: "" };
  try {
    const { stdout } = await run(node, args, { cwd: project.directory, env });
    return stdout.trim();
  } catch (error) {
    return String(Object(error).stderr).includes("needs Node 22.15 or later") ? "too old" : String(error);
  }
}

/** What the code above prints on this Node. */
async function runDevices(node: string): Promise<string> {
  const args = ["--no-warnings", "--input-type=module", "-e", DEVICES];
  const env = { ...process.env, NODE_OPTIONS: "" };
  return run(node, args, { cwd: project.directory, env }).then(({ stdout }) => stdout.trim(), String);
}

/** The entry points that do not end with that sentence on this Node. */
async function findSilent(node: string, sentence: string): Promise<string[]> {
  const register = ["--import", "session-bridge/register"];
  const bin = join(project.directory, "node_modules/session-bridge/dist/cli/main.js");
  const ways: Record<string, string[]> = {
    import: ["--input-type=module", "-e", 'import "session-bridge"'],
    ...Object.fromEntries(
      ["bridge", "sources", "node", "fastify", "koa", "fetch", "signing"].map((entry) => [
        entry,
        ["--input-type=module", "-e", `import "session-bridge/${entry}"`],
      ]),
    ),
    register: [...register, "-e", "0"],
    npx: [bin, "token"],
  };
  const env = { ...process.env, NODE_OPTIONS: "" };
  const said = await Promise.all(
    Object.values(ways).map((args) =>
      run(node, args, { cwd: project.directory, env }).then(
        () => "nothing",
        (error: unknown) => String(Object(error).stderr),
      ),
    ),
  );
  return Object.keys(ways).filter(
    (_, at) => !said[at]?.includes(sentence) || said[at].includes("SyntaxError"),
  );
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
