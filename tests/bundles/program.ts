/** Programs that listen: started with this Node, awaited until they print their port, and stopped again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program that was started. */
export interface Program {
  /** The port that it printed; null if it ended before. */
  port: number | null;
  /** Its output so far, from both streams, without lines of minified code. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts Node; resolves when the program has printed its port, or has ended.
 *
 * @param args the command line after `node`
 * @param env  the whole environment except the path
 * @param said how it prints its port. Default: the line `port 1234`
 */
export async function startProgram(
  args: readonly string[],
  { cwd, env, said = /^port (\d+)$/m }: { cwd: string; env: Record<string, string>; said?: RegExp },
): Promise<Program> {
  // A file, because Node shows a crash with the whole line of code, and cuts it off at 143 KiB in a pipe.
  const folder = mkdtempSync(join(tmpdir(), "sessions-program-"));
  const errors = openSync(join(folder, "errors"), "w");
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", errors],
  });
  closeSync(errors);
  const closed = once(child, "close");
  let output = "";
  const port = await new Promise<number | null>((resolve, reject) => {
    const listen = (text: Buffer) => {
      output += text;
      const found = said.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout?.on("data", listen);
    child.once("error", reject);
    child.once("close", () => resolve(null));
  });
  return {
    port,
    output: () => `${output}${readFileSync(join(folder, "errors"), "utf8")}`.replaceAll(/^.{1000,}\n/gm, ""),
    async stop() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
