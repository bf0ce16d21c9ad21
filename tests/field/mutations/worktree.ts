/** A copy of the repository in a temporary folder, in which files are changed and tests are run. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** How a run of tests ended. */
export type Outcome = "passed" | "failed" | "too slow";

/** The copy. */
export interface Worktree {
  readonly root: string;
  /** Runs Vitest here. @param limitMs after this long it is killed, with everything that it started */
  vitest(args: readonly string[], limitMs: number, env?: Record<string, string>): Promise<Outcome>;
  remove(): void;
}

/** Copies the files that git knows or would add, as they are now. Packages are links to the installed ones. */
export function createWorktree(from: string): Worktree {
  const root = mkdtempSync(join(tmpdir(), "mutations-"));
  const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: from,
    encoding: "utf8",
  });
  for (const file of new Set(list.split("\n"))) {
    if (file === "" || !existsSync(join(from, file))) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(from, file), join(root, file));
  }
  if (existsSync(join(from, ".wxt"))) cpSync(join(from, ".wxt"), join(root, ".wxt"), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  for (const name of readdirSync(join(from, "node_modules"))) {
    const target = name === "session-bridge" ? "../server-bridge" : join(from, "node_modules", name);
    symlinkSync(target, join(root, "node_modules", name));
  }
  // a mutant may delete files: what it takes for the system's temporary folder is its own
  const temporary = join(root, "tmp");
  mkdirSync(temporary);
  const vitest = join(from, "node_modules", ".bin", "vitest");

  return {
    root,
    vitest: (args, limitMs, env = {}) =>
      new Promise((resolve) => {
        const child = spawn(vitest, ["run", ...args], {
          cwd: root,
          env: { ...process.env, TMPDIR: temporary, ...env },
          stdio: "ignore",
          detached: true, // its own group, which is killed as a whole
        });
        let isSlow = false;
        const kill = () => {
          try {
            if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
          } catch {
            // it has ended
          }
        };
        const timer = setTimeout(() => {
          isSlow = true;
          kill();
        }, limitMs);
        child.on("close", (code) => {
          clearTimeout(timer);
          kill(); // what its tests left running
          resolve(isSlow ? "too slow" : code === 0 ? "passed" : "failed");
        });
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
