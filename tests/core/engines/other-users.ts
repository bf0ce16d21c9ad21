/** Runs a program of this folder as another user of the machine, which only root can do. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** An unprivileged user. */
export const SERVER_USER = 65_534;
/** Another one, the attacker. */
export const OTHER_USER = 65_533;

/** Whether there can be other users. Without root, tests of them are skipped with a loud line, or fail with `CI=true`. */
export const canBeOthers = process.platform === "linux" && process.getuid?.() === 0;
if (!canBeOthers) {
  const line = "Only root can act as other users of the machine";
  if (process.env["CI"] === "true") throw new Error(`[tests] ${line}. With CI=true nothing is skipped.`);
  console.warn(`\n!!! SKIPPED: ${line}. Tests of local users do not run. !!!\n`);
}

/** The JSON that the program prints. It is killed after half a minute, because then it hangs. */
export async function runAs(user: number, program: string, ...args: string[]): Promise<unknown> {
  const file = join(import.meta.dirname, program);
  const flags = ["--conditions=sessions-source", "--no-warnings", file, String(user), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 30_000 });
  return JSON.parse(stdout);
}
