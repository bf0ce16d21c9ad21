/** The workloads: what each server is sent, and with whose sessions. */
import { type Jar, type Load, runLoad } from "./load.ts";
import type { Running } from "./running.ts";

export type WorkloadName =
  | "read"
  | "write"
  | "login"
  | "untouched"
  | "anonymous"
  | "read 10 kB"
  | "write 10 kB";

export interface Workload {
  name: WorkloadName;
  method: Load["method"];
  path: string;
  /** Whose sessions the requests carry. */
  jars: "small" | "big" | "none";
  meaning: string;
}

export const WORKLOADS: readonly Workload[] = [
  {
    name: "read",
    method: "GET",
    path: "/read",
    jars: "small",
    meaning: "two keys of a 0.4 kB session are read",
  },
  {
    name: "write",
    method: "POST",
    path: "/write",
    jars: "small",
    meaning: "one key of it is read and set again",
  },
  {
    name: "login",
    method: "POST",
    path: "/login",
    jars: "none",
    meaning: "a visitor gets a session, under a new key",
  },
  {
    name: "untouched",
    method: "GET",
    path: "/untouched",
    jars: "small",
    meaning: "a cookie is sent, the handler never looks",
  },
  {
    name: "anonymous",
    method: "GET",
    path: "/untouched",
    jars: "none",
    meaning: "no cookie, the handler never looks",
  },
  {
    name: "read 10 kB",
    method: "GET",
    path: "/read",
    jars: "big",
    meaning: "two keys of a 10 kB session are read",
  },
  {
    name: "write 10 kB",
    method: "POST",
    path: "/write",
    jars: "big",
    meaning: "one key of it is read and set again",
  },
];

/** The sessions of one server's clients. */
export interface Jars {
  small: Jar[];
  big: Jar[];
}

/** Logs `count` visitors in with the server's own login, and keeps their cookies. */
export async function logIn(
  running: Running,
  path: string,
  count: number,
  connections: number,
): Promise<Jar[]> {
  const jars: Jar[] = [];
  const { failures } = await runLoad({
    port: running.port,
    method: "POST",
    path,
    connections,
    durationMs: 3_600_000,
    requests: count,
    collect: (jar) => jars.push(jar),
  });
  if (failures.size > 0)
    throw new Error(
      `bench: ${running.contestant.id} refused ${path}: status ${[...failures.keys()].join(", ")}.`,
    );
  return jars;
}

/** True if the contestant can do the workload. */
export function canDo(running: Running, workload: Workload): boolean {
  return !(workload.jars === "big" && running.contestant.smallOnly);
}

/** One sample of one server under one workload. */
export interface Sample {
  cpuMicroseconds: number;
  requestsPerSecond: number;
}

/**
 * Runs before each sample and is not counted, because other servers have filled the caches. No garbage collection is requested: one between two
 * samples, while no request is pending, discards machine code that a busy server keeps, even of bare handlers.
 */
const WARM_MS = 500;

export async function takeSample(
  running: Running,
  workload: Workload,
  jars: Jars,
  options: { connections: number; durationMs: number },
): Promise<Sample> {
  const load: Load = {
    port: running.port,
    method: workload.method,
    path: workload.path,
    ...options,
    ...(workload.jars === "none" ? {} : { jars: jars[workload.jars] }),
  };
  await runLoad({ ...load, durationMs: WARM_MS });
  const before = await running.usage();
  const result = await runLoad(load);
  const after = await running.usage();
  if (result.failures.size > 0) {
    throw new Error(
      `bench: ${running.contestant.id} answered ${workload.name} with ${JSON.stringify([...result.failures])}.`,
    );
  }
  return {
    cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / result.requests,
    requestsPerSecond: result.requests / result.seconds,
  };
}
