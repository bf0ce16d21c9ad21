/** Two users of one machine: the server's, and an attacker. Only root can act as both. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "vitest";
import { canBeOthers, OTHER_USER, runAs, SERVER_USER } from "../../core/engines/other-users.ts";
import { makeDirectory } from "../../core/engines/servers.ts";
import { later } from "./scene.ts";

/** A test that needs both; without them it is skipped with a loud line, or fails with `CI=true`. */
export const asTwoUsers = it.skipIf(!canBeOthers);

/** A folder below one that everyone can enter, with these rights. */
export async function makeFolder(mode: number, owner?: (path: string) => void): Promise<string> {
  const place = await makeDirectory();
  later(() => place.remove());
  chmodSync(place.address, 0o755);
  const folder = join(place.address, "sessions");
  mkdirSync(folder);
  chmodSync(folder, mode);
  owner?.(folder);
  return folder;
}

/** Runs the server; returns the result of each step. */
export async function serve(address: string, ...steps: string[]): Promise<unknown[]> {
  return (await runAs(SERVER_USER, "../../attacks/kit/session-program.ts", address, ...steps)) as unknown[]; // printed so
}

/** Runs a shell script as the other user; returns all of its output, even binary. It is killed after half a minute. */
export async function attack(script: string, input = ""): Promise<string> {
  const options = { uid: OTHER_USER, gid: OTHER_USER, cwd: "/", timeout: 30_000 } as const;
  const child = spawn("bash", ["-c", script], { ...options, stdio: ["pipe", "pipe", "ignore"] });
  let printed = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    printed += text;
  });
  child.stdin.on("error", () => {}).end(input); // a script that reads nothing may end first
  await once(child, "close");
  return printed;
}

/** The same in the background, until the test is over. */
export function keepAttacking(script: string): void {
  const options = { uid: OTHER_USER, gid: OTHER_USER, cwd: "/", stdio: "ignore" } as const;
  const child = spawn("bash", ["-c", `while :; do ${script}; done`], options);
  later(() => child.kill("SIGKILL"));
}
