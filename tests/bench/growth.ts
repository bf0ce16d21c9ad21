/**
 * What our own read and write cost when a thousand to a million sessions are stored: the same 320 visitors among ever
 * more others.
 */

import { CONTESTANTS, type Contestant } from "./contestants.ts";
import type { OpenPlaces } from "./places.ts";
import { type Running, start } from "./running.ts";
import { CROWD_PATH } from "./servers/contestant.ts";
import { type Spread, toSpread } from "./statistics.ts";
import { type Jars, logIn, takeSample, WORKLOADS } from "./workloads.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000] as const;
const VISITORS = 320;
const SUBJECTS = ["ours-node-memory", "ours-node-sqlite", "ours-node-redis"];

/** One row of the table. */
export interface Growth {
  contestant: Contestant;
  workload: "read" | "write";
  /** Microseconds a request, for each size. */
  costs: Spread[];
}

export interface GrowthOptions {
  open: OpenPlaces;
  pinned: boolean;
  connections: number;
  durationMs: number;
  passes: number;
}

/** Measures every subject at every size. */
export async function measureGrowth(options: GrowthOptions): Promise<Growth[]> {
  const rows: Growth[] = [];
  for (const contestant of CONTESTANTS.filter(({ id }) => SUBJECTS.includes(id))) {
    if (contestant.store === "redis" && options.open.missing.has("redis")) continue;
    const running = await start(contestant, options.open.places, options.pinned);
    try {
      const small = await logIn(running, "/fill", VISITORS, options.connections);
      const own = (["read", "write"] as const).map((workload) => ({
        contestant,
        workload,
        costs: [] as Spread[],
      }));
      let stored = VISITORS;
      for (const size of SIZES) {
        await fill(running, size - stored);
        stored = size;
        for (const row of own)
          row.costs.push(await costOf(running, row.workload, { small, big: [] }, options));
        console.warn(`bench: ${contestant.label} with ${size} sessions done`);
      }
      rows.push(...own);
    } finally {
      running.stop();
    }
  }
  return rows;
}

async function costOf(
  running: Running,
  name: "read" | "write",
  jars: Jars,
  options: GrowthOptions,
): Promise<Spread> {
  const workload = WORKLOADS.find((one) => one.name === name);
  if (workload === undefined) throw new Error(`bench: there is no workload "${name}".`);
  const costs: number[] = [];
  for (let pass = 0; pass < options.passes; pass += 1) {
    costs.push((await takeSample(running, workload, jars, options)).cpuMicroseconds);
  }
  return toSpread(costs);
}

/** Makes the server create the missing number of other visitors' sessions. */
async function fill({ port }: Running, missing: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${CROWD_PATH}${missing}`, { method: "POST" });
  if (!response.ok)
    throw new Error(`bench: the server made no crowd: ${response.status} ${await response.text()}`);
}

/** The table, with the ratio of the slowest size to the fastest. */
export function toGrowthTable(rows: readonly Growth[]): string {
  if (rows.length === 0) return "";
  const head = [
    `| | | ${SIZES.map((size) => size.toLocaleString("en")).join(" | ")} | most / least |`,
    `|---|---|${SIZES.map(() => "---:|").join("")}---:|`,
  ];
  const lines = rows.map(({ contestant, workload, costs }) => {
    const middles = costs.map(({ middle }) => middle);
    const ratio = Math.max(...middles) / Math.min(...middles);
    return `| ${contestant.label} | ${workload} | ${middles.map((middle) => middle.toFixed(1)).join(" | ")} | ${ratio.toFixed(2)} |`;
  });
  return [
    "## Cost with many sessions\n\nServer processor time in µs a request, with this many sessions stored.\n",
    ...head,
    ...lines,
  ].join("\n");
}
