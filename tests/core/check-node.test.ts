/** Each entry point refuses a Node that is too old, also if the app imports nothing else of the package. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const { exports } = JSON.parse(readFileSync(join(ROOT, "server-bridge/package.json"), "utf8"));
/** `register` has its own test. `testing` runs in Playwright, and `protocol` in browsers. */
const OTHERS = ["./package.json", "./register", "./testing", "./protocol"];
const doors = Object.keys(exports).filter((door) => !OTHERS.includes(door));

/** Makes Node call itself this version. The real ones are tried by `npm run test:package`. */
const OLD = `data:text/javascript,${encodeURIComponent('Object.defineProperty(process.versions, "node", { value: "20.18.1" });')}`;

it.each(doors)("%s throws the sentence that names the version", (door) => {
  const code = `import(${JSON.stringify(`session-bridge${door.slice(1)}`)}).catch(({ message }) => console.log(message))`;
  const args = ["--conditions=sessions-source", "--no-warnings", "--import", OLD, "-e", code];
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  expect(stdout).toBe("[session-bridge] session-bridge needs Node 22.13 or later; this is 20.18.1.\n");
});
