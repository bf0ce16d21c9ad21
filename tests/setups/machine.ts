/** What the set-ups need of the machine. What is missing is said loudly, and its tests are skipped; with `CI=true` they fail. */
import { randomInt } from "node:crypto";
import { run, which } from "../../scripts/machine/program.ts";

/** A part of the machine. */
export type Part = "nginx" | "caddy" | "haproxy" | "namespaces";

const has: Record<Part, boolean> = {
  nginx: await isInstalled("nginx"),
  caddy: await isInstalled("caddy"),
  haproxy: await isInstalled("haproxy"),
  namespaces: await canMakeNamespaces(),
};

/** True if a set-up cannot be started here. */
export function isMissing(part: Part | undefined): boolean {
  return part !== undefined && !has[part];
}

async function isInstalled(program: string): Promise<boolean> {
  return (await which(program)) !== null || skip(`${program} is not installed`);
}

async function canMakeNamespaces(): Promise<boolean> {
  const name = `sessions-try-${randomInt(1e9)}`;
  const made = await run("ip", ["netns", "add", name]);
  if (made.code !== 0) return skip(`no network namespace can be made (${made.output.trim()})`);
  await run("ip", ["netns", "delete", name]);
  return true;
}

function skip(reason: string): false {
  if (process.env["CI"] === "true") throw new Error(`[tests] ${reason}. With CI=true nothing is skipped.`);
  console.warn(`\n!!! SKIPPED: ${reason}. Tests of such set-ups do not run. !!!\n`);
  return false;
}
