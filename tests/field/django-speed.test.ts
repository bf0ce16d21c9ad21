/**
 * What the package costs each request, over real HTTP: the same site with its bridge running, without one, with one that is stopped,
 * with one whose queue is full, and without the package. One request to each in turn, so that all meet the same machine. The times
 * mean something only on a machine that does nothing else; the work of the site's processes is also right on a busy one.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { startCommand } from "../django-package/command.ts";
import { type Site, type SiteServer, startSite } from "../django-package/site.ts";
import { headerOf, type Visitor, visit } from "../django-package/visitor.ts";
import { type DjangoSeries, hasDjango } from "../interop/django-packages.ts";
import { countingPages } from "./django-views.ts";

const ROUNDS = 200;
const WARM_UP = 20;
const MAX_MORE_MS = 1;
/** A line of the channel that takes a good part of the queue. */
const FILLING = 200_000;

const STATES = ["off", "running", "none", "paused", "full"] as const;
type State = (typeof STATES)[number];
const PAGES = ["/read/", "/count/"] as const;

const SITES: readonly [DjangoSeries, SiteServer][] = [
  ["3.2", "gunicorn"],
  ["3.2", "uvicorn"],
  ["5.2", "gunicorn"],
  ["5.2", "uvicorn"],
];

const undoing: (() => Promise<void>)[] = [];

for (const [series, server] of SITES) {
  const there = await hasDjango(series);
  it.skipIf(!there)(
    `no median is 1 ms longer: ${server}, Django ${series}`,
    { timeout: 300_000 },
    async () => {
      try {
        const sites = new Map<State, Prepared>();
        for (const state of STATES) sites.set(state, await prepare(state, series, server));
        const before = cpuTimes(sites);
        const times = await measure(sites);
        const work = printWork(before, cpuTimes(sites));
        const slow = print(`${server}, Django ${series}`, times);
        expect(Math.max(...work), "work of the processes").toBeLessThan(MAX_MORE_MS);
        expect(slow, `on ${availableParallelism()} processors with a load of ${loadavg()[0]}`).toEqual([]);
      } finally {
        for (const undo of undoing.splice(0).toReversed()) await undo();
      }
    },
  );
}

/** A site in one of the states, and a visitor of it who has a session. */
interface Prepared {
  site: Site;
  visitor: Visitor;
}

async function prepare(state: State, series: DjangoSeries, server: SiteServer): Promise<Prepared> {
  const files = countingPages(series, server);
  const site = await startSite({ series, server, files, withPackage: state !== "off" });
  undoing.push(() => site.stop());
  const visitor = visit(site.url);
  const prepared = { site, visitor };
  await visitor.get("/count/");
  if (state === "off" || state === "none") return prepared;
  const command = await startCommand(site);
  undoing.push(() => command.stop());
  await vi.waitFor(async () => expect(await isTraced(visitor, 10)).toBe(true), { timeout: 20_000 });
  if (state === "running") return prepared;
  const bridge = pidOfBridge(site);
  process.kill(bridge, "SIGSTOP");
  undoing.push(async () => void process.kill(bridge, "SIGCONT"));
  if (state === "full") await fill(site, visitor);
  return prepared;
}

function pidOfBridge({ runtimeFolder }: Site): number {
  const folder = join(runtimeFolder, "session-bridge");
  const name = readdirSync(folder).find((one) => one.endsWith(".json")) ?? "";
  return JSON.parse(readFileSync(join(folder, name), "utf8")).pid;
}

/** Whether each of so many responses names a trace. */
async function isTraced(visitor: Visitor, requests: number): Promise<boolean> {
  for (let request = 0; request < requests; request++)
    if (headerOf(await visitor.get("/count/"), "Session-Trace") === undefined) return false;
  return true;
}

/** Requests until even a short report no longer fits into the site's queue. */
async function fill({ url }: Site, visitor: Visitor): Promise<void> {
  const other = visit(url);
  for (const length of [FILLING, 10_000, 1_000, 0]) {
    let dropped = 0;
    while (dropped < 10) {
      const answer = await other.get(`/fill/?length=${length}`);
      dropped = headerOf(answer, "Session-Trace") === undefined ? dropped + 1 : 0;
    }
  }
  expect(headerOf(await visitor.get("/count/"), "Session-Trace")).toBeUndefined();
}

/** Milliseconds of each request, by page and state. */
type Times = Map<string, Map<State, number[]>>;

async function measure(sites: ReadonlyMap<State, Prepared>): Promise<Times> {
  const times: Times = new Map(
    PAGES.map((page) => [page, new Map(STATES.map((state): [State, number[]] => [state, []]))]),
  );
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const page of PAGES)
      for (let place = 0; place < STATES.length; place++) {
        // each comes first as often as the others
        const state = STATES[(place + round + WARM_UP) % STATES.length] ?? "off";
        const began = performance.now();
        const answer = await sites.get(state)?.visitor.get(page);
        const took = performance.now() - began;
        expect(answer?.status).toBe(200);
        if (round >= 0) times.get(page)?.get(state)?.push(took);
      }
  return times;
}

/** Milliseconds that the processes of each site have worked, whatever else the machine did. Linux says so; elsewhere 0. */
function cpuTimes(sites: ReadonlyMap<State, Prepared>): Map<State, number> {
  const pids = existsSync("/proc/self/stat") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const usedBy = (folder: string) => pids.reduce((all, pid) => all + cpuTime(pid, folder), 0);
  return new Map([...sites].map(([state, { site }]) => [state, usedBy(site.folder)]));
}

function cpuTime(pid: string, folder: string): number {
  try {
    const isServer = /mysite\.[aw]sgi/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
    if (!isServer || readlinkSync(`/proc/${pid}/cwd`) !== folder) return 0;
    const facts = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(facts[11]) + Number(facts[12])) * 10; // a hundred ticks a second
  } catch {
    return 0; // it has ended
  }
}

/** Prints the work per request; returns by how much each state has more than the site without the package. */
function printWork(before: ReadonlyMap<State, number>, after: ReadonlyMap<State, number>): number[] {
  const requests = (ROUNDS + WARM_UP) * PAGES.length;
  const used = (state: State) => ((after.get(state) ?? 0) - (before.get(state) ?? 0)) / requests;
  const all = STATES.map((state) => `${state} ${used(state).toFixed(2)}`);
  console.log(`work of the site's processes per request, milliseconds: ${all.join(", ")}`);
  return STATES.map((state) => used(state) - used("off"));
}

/** Prints the table; returns the lines that are too slow. */
function print(title: string, times: Times): string[] {
  const slow: string[] = [];
  console.log(`${title}, ${ROUNDS} requests each, milliseconds`);
  console.log(
    [
      "page".padEnd(10),
      "bridge".padEnd(10),
      "median".padStart(8),
      "p99".padStart(8),
      "more".padStart(8),
    ].join(""),
  );
  for (const [page, states] of times) {
    const off = quantile(states.get("off") ?? [], 0.5);
    for (const [state, all] of states) {
      const [median, p99] = [quantile(all, 0.5), quantile(all, 0.99)];
      const numbers = [median, p99, median - off].map((ms) => ms.toFixed(2).padStart(8));
      const line = `${page.padEnd(10)}${state.padEnd(10)}${numbers.join("")}`;
      console.log(line);
      // a bridge that runs shares the processors with the site
      if (state !== "running" && median - off > MAX_MORE_MS) slow.push(line);
    }
  }
  return slow;
}

function quantile(all: readonly number[], part: number): number {
  const sorted = all.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}
