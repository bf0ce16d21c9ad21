/**
 * `npm run bench`: all contestants run at the same time, sampled in a random order in each of several passes.
 *
 *     node --conditions=sessions-source tests/bench/run.ts [--only text] [--workloads read,write] [--passes 5]
 *       [--ms 1000] [--connections 32] [--sessions 1000] [--growth] [--write]
 *
 * A first pass, which is not counted, warms up every server's code.
 *
 * Servers and the load share one core, the stores have the other. A server that answers a load on another core pays for
 * waking that core, about 20 µs on a virtual machine, and more often if it is slower; that is not the library's work.
 * `--write` puts the tables into docs/performance.md.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { CONTESTANTS, type Contestant } from "./contestants.ts";
import { measureGrowth, toGrowthTable } from "./growth.ts";
import { connectPanel } from "./panel.ts";
import { openPlaces } from "./places.ts";
import { printReport } from "./report.ts";
import { type Results, toResults } from "./results.ts";
import { type Running, SERVER_CORE, start } from "./running.ts";
import { canDo, type Jars, logIn, takeSample, WORKLOADS, type Workload } from "./workloads.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    workloads: { type: "string" },
    passes: { type: "string", default: "5" },
    ms: { type: "string", default: "1000" },
    connections: { type: "string", default: "32" },
    sessions: { type: "string", default: "1000" },
    growth: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const connections = Number(values.connections);
const durationMs = Number(values.ms);
const pinned = pinSelf();
const open = await openPlaces(pinned);
for (const [store, reason] of open.missing) console.warn(`bench: WITHOUT ${store.toUpperCase()}: ${reason}`);

const alive: { running: Running; jars: Jars }[] = [];
try {
  for (const contestant of chosen()) {
    const entry = await prepare(contestant);
    if (entry) alive.push(entry);
  }
  const results = await measure();
  for (const { running } of alive.splice(0)) running.stop();
  const passes = Number(values.passes);
  const growth = values.growth ? await measureGrowth({ open, pinned, connections, durationMs, passes }) : [];
  await printReport(results, toGrowthTable(growth), values.write);
} finally {
  for (const { running } of alive) running.stop();
  await open.close();
}

function chosen(): Contestant[] {
  const pattern = values.only === undefined ? /./ : new RegExp(values.only);
  return CONTESTANTS.filter(
    ({ id, store }) => pattern.test(id) && !open.missing.has(store as "redis" | "postgres"),
  ); // other stores are always available
}

/** Starts one server and logs its visitors in; a server that cannot start is named loudly and left out. */
async function prepare(contestant: Contestant): Promise<{ running: Running; jars: Jars } | undefined> {
  try {
    const running = await start(contestant, open.places, pinned);
    const count = Number(values.sessions);
    const bare = contestant.role === "bare";
    const small = bare ? placeholders(count) : await logIn(running, "/fill", count, connections);
    const big =
      bare || contestant.smallOnly ? small : await logIn(running, "/fill-big", count / 10, connections);
    if (contestant.id === "ours-bridge-panel") await connectPanel(running.port, small);
    return { running, jars: { small, big } };
  } catch (error) {
    console.warn(
      `bench: WITHOUT ${contestant.label}: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

/** Cookies for handlers without sessions, of the same length as real ones. */
function placeholders(count: number): Map<string, string>[] {
  return Array.from(
    { length: count },
    (_, index) => new Map([["sessionid", String(index).padStart(32, "k")]]),
  );
}

async function measure(): Promise<Results> {
  const names = values.workloads?.split(",");
  const workloads = WORKLOADS.filter(({ name }) => names === undefined || names.includes(name));
  const samples = toResults({
    passes: Number(values.passes),
    durationMs,
    connections,
    sessions: Number(values.sessions),
    pinned,
  });
  for (let pass = 0; pass <= Number(values.passes); pass += 1) {
    for (const workload of workloads) {
      for (const { running, jars } of shuffled(alive)) {
        if (!canDo(running, workload)) continue;
        const sample = await sampleOf(running, workload, jars);
        if (pass > 0) samples.add(running.contestant, workload.name, sample);
      }
    }
    console.warn(pass === 0 ? "bench: all are warm" : `bench: pass ${pass} of ${values.passes} done`);
  }
  return samples;
}

function sampleOf(running: Running, workload: Workload, jars: Jars) {
  return takeSample(running, workload, jars, { connections, durationMs });
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

function pinSelf(): boolean {
  try {
    execFileSync("taskset", ["-cp", String(SERVER_CORE), String(process.pid)], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("bench: NOT PINNED: taskset is missing or there is only one core; figures are noisier.");
    return false;
  }
}
