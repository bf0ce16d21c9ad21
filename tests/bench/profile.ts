/**
 * Where one server's time goes: `node --conditions=sessions-source tests/bench/profile.ts ours-node-sqlite write`.
 * Prints the functions with the most self time, and how much of the whole that is.
 */
import type { Profiler } from "node:inspector";
import { CONTESTANTS } from "./contestants.ts";
import { openPlaces } from "./places.ts";
import { start } from "./running.ts";
import { logIn, takeSample, WORKLOADS } from "./workloads.ts";

const [id = "ours-node-sqlite", name = "write", seconds = "4"] = process.argv.slice(2);
const contestant = CONTESTANTS.find((one) => one.id === id);
const workload = WORKLOADS.find((one) => one.name === name);
if (contestant === undefined || workload === undefined) throw new Error(`bench: no "${id}" or no "${name}".`);

const open = await openPlaces(false);
try {
  const running = await start(contestant, open.places, false);
  const bare = contestant.role === "bare";
  const small = bare ? [new Map()] : await logIn(running, "/fill", 320, 32);
  const big = bare || contestant.smallOnly ? small : await logIn(running, "/fill-big", 64, 32);
  const sample = (ms: number) =>
    takeSample(running, workload, { small, big }, { connections: 32, durationMs: ms });
  const { cpuMicroseconds } = await sample(1500);
  console.log(`${contestant.label}, ${workload.name}: ${cpuMicroseconds.toFixed(1)} µs a request`);
  printProfile(await running.profile(() => sample(Number(seconds) * 1000)));
  running.stop();
} finally {
  await open.close();
}

function printProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): void {
  const names = new Map(
    nodes.map(({ id: node, callFrame: { functionName, url, lineNumber } }) => {
      const place = url.split("/").slice(-2).join("/");
      return [node, `${functionName || "(anonymous)"} ${place}:${lineNumber + 1}`];
    }),
  );
  const times = new Map<string, number>();
  let total = 0;
  samples.forEach((node, index) => {
    const at = names.get(node) ?? "";
    const time = timeDeltas[index] ?? 0;
    if (at.startsWith("(idle)")) return;
    total += time;
    times.set(at, (times.get(at) ?? 0) + time);
  });
  const rows = [...times].sort((a, b) => b[1] - a[1]).slice(0, 60);
  for (const [at, time] of rows) console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${at}`);
}
