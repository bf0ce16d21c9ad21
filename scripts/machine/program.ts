/** Runs other programs: to their end, with their output kept or shown, and ends those that still run when we end. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** How a program ended. `output` is what it wrote, both streams; empty when it was shown instead. */
interface Ended {
  code: number;
  output: string;
  durationMs: number;
}

interface RunOptions {
  cwd?: string;
  /** Added to our own environment. */
  env?: Record<string, string>;
  /** True: the output goes to our terminal. Default false: it is kept. */
  show?: boolean;
  /** Kills the program after so long. Default: never. */
  timeoutMs?: number;
}

const running = new Set<ChildProcess>();

/** Runs a program to its end. One that cannot start ends with code 127, one that is killed with 124. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const child = start(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: environment(options.env),
      stdio: options.show ? "inherit" : ["ignore", "pipe", "pipe"],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" }),
    });
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const end = (code: number) => {
      resolve({ code, output, durationMs: performance.now() - begun });
    };
    child.on("error", (error) => {
      output += error.message;
      end(127);
    });
    child.on("close", (code) => end(code ?? 124));
  });
}

/** Starts a program that runs next to us and ends with us. */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { cwd: ROOT, ...options });
  running.add(child);
  child.on("exit", () => running.delete(child));
  child.on("error", () => running.delete(child));
  return child;
}

/** Ends every program that `start` or `run` began. */
export function stopPrograms(): void {
  for (const child of running) child.kill("SIGTERM");
}

/** Our environment with the repository's own programs, its Node among them, first on the path. */
export function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const path = [join(ROOT, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

/** Path of a program that is on the path, or null. */
export async function which(program: string): Promise<string | null> {
  const found = await run(process.platform === "win32" ? "where" : "which", [program]);
  return found.code === 0 ? (found.output.split("\n")[0]?.trim() ?? null) : null;
}
