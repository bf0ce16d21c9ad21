/** Starts `devices-worker.ts`, gives it orders and reads its answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { StoreTarget } from "./devices-engine.ts";
import type { Line, Order } from "./devices-worker.ts";

const PROGRAM = join(import.meta.dirname, "devices-worker.ts");

interface Answer {
  keys: string[];
  refused: string[];
}

/** Starts another process over the same store. */
export function startWorker(target: StoreTarget) {
  const args = ["--conditions=sessions-source", "--no-warnings", PROGRAM, JSON.stringify(target)];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  let take: (line: Line) => void = () => {};
  createInterface(child.stdout).on("line", (line) => take(JSON.parse(line)));
  return {
    /**
     * Gives an order, and resolves once it is done.
     *
     * @param early called once, with the keys until then, when this many sessions are acknowledged
     */
    async give(order: Order, [count, early]: [number, (keys: string[]) => void] = [0, () => {}]) {
      const answer: Answer = { keys: [], refused: [] };
      const done = new Promise<void>((resolve) => {
        take = (line) => {
          if ("done" in line) return resolve();
          if ("refused" in line) return void answer.refused.push(line.refused);
          answer.keys.push(line.key);
          if (answer.keys.length === count) early([...answer.keys]);
        };
      });
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await done;
      return answer;
    },
    /** Ends it as a crash does. An order that it was given is never done. */
    async kill() {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      const ended = once(child, "close");
      child.stdin.end();
      await ended;
    },
  };
}
