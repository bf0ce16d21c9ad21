/**
 * First step of `npm start` and `npm test`: plain JavaScript for any Node from 20 on, with nothing installed.
 * Installs the packages when they are missing or outdated, then hands over to the repository's own Node.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";
const ownNode = join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");

/**
 * Runs a TypeScript main under the repository's Node, straight from source, and ends as it ends.
 *
 * @param {string} main path from the repository's root
 */
export function runMain(main) {
  requireNode();
  const reason = whyInstall();
  if (reason !== null) install(reason);
  const child = spawn(ownNode, ["--conditions=sessions-source", join(root, main), ...process.argv.slice(2)], {
    cwd: root,
    stdio: "inherit",
  });
  // A terminal's Ctrl-C reaches the child twice then, by itself and from here; the mains heed the first only.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) =>
    fail(`The repository's Node does not start: ${error.message}. Delete node_modules and try again.`),
  );
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}

function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20)
    fail(`Node ${process.versions.node} is too old. Install Node 20 or later, then run the command again.`);
}

/** Why `npm ci` is due, or null when what is installed matches package-lock.json. */
function whyInstall() {
  const installed = readLock(join(root, "node_modules", ".package-lock.json"));
  if (installed === null || !existsSync(ownNode)) return "the packages are not installed yet";
  const wanted = readLock(join(root, "package-lock.json"));
  if (wanted === null)
    fail("package-lock.json is missing or damaged. Restore it with `git checkout package-lock.json`.");
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.optional || entry.link || !path.startsWith("node_modules/")) continue;
    if (installed[path]?.version !== entry.version) return `${path} is not at ${entry.version}`;
  }
  return null;
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

function install(reason) {
  console.log(`Installing packages with npm ci, because ${reason}. This happens once.`);
  // npm is a script on Windows, which only a shell starts. The arguments are constants.
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    shell: windows,
  });
  if (result.error)
    fail(`npm does not start: ${result.error.message}. Install npm, then run the command again.`);
  if (result.status !== 0)
    fail("npm ci failed, see above. Check the network and the disk, then run the command again.");
  if (!existsSync(ownNode)) {
    fail(
      "npm ci did not install the package `node`. Allow its install script (npm config get ignore-scripts), then run the command again.",
    );
  }
}

/** @returns {never} */
function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
