/** Starts contestants in separate processes, pinned to one core, and reads their processor time. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Profiler } from "node:inspector";
import { fileURLToPath } from "node:url";
import type { Contestant } from "./contestants.ts";
import type { Question, Report } from "./serve.ts";
import type { Places } from "./servers/contestant.ts";

const SERVE = fileURLToPath(new URL("serve.ts", import.meta.url));
/** Core of the servers and of the load. */
export const SERVER_CORE = 0;

export interface Running {
  contestant: Contestant;
  port: number;
  usage(): Promise<{ cpuMicroseconds: number }>;
  /** Profiles the server while `during` runs. */
  profile(during: () => Promise<unknown>): Promise<Profiler.Profile>;
  stop(): void;
}

/** @param pinned false where `taskset` is missing; figures are then noisier */
export async function start(
  contestant: Contestant,
  places: Omit<Places, "id">,
  pinned: boolean,
): Promise<Running> {
  const node = [
    "--no-warnings",
    "--conditions=sessions-source",
    SERVE,
    JSON.stringify({ ...places, id: contestant.id }),
  ];
  const [command, args] = pinned
    ? ["taskset", ["-c", String(SERVER_CORE), process.execPath, ...node]]
    : [process.execPath, node];
  const child = spawn(command, args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, NODE_ENV: contestant.nodeEnv },
  });
  const ready = await next(child, "ready", contestant.id);
  return {
    contestant,
    port: ready.port,
    usage: () => ask(child, "usage", "usage", contestant.id),
    profile: async (during) => {
      await ask(child, "profile", "profiling", contestant.id);
      await during();
      return (await ask(child, "profiled", "profiled", contestant.id)).profile;
    },
    stop: () => void (child.connected && child.disconnect()),
  };
}

function ask<Kind extends Report["kind"]>(child: ChildProcess, question: Question, kind: Kind, id: string) {
  const answer = next(child, kind, id);
  child.send(question);
  return answer;
}

function next<Kind extends Report["kind"]>(child: ChildProcess, kind: Kind, id: string) {
  return new Promise<Extract<Report, { kind: Kind }>>((resolve, reject) => {
    const onExit = () => reject(new Error(`bench: ${id} ended before it was ${kind}.`));
    child.once("exit", onExit);
    child.once("message", (report: Report) => {
      child.off("exit", onExit);
      if (isKind(report, kind)) resolve(report);
      else reject(new Error(`bench: ${id} told "${report.kind}" where "${kind}" was asked.`));
    });
  });
}

function isKind<Kind extends Report["kind"]>(
  report: Report,
  kind: Kind,
): report is Extract<Report, { kind: Kind }> {
  return report.kind === kind;
}
