/** The library's promises, each with the run's figures: compared with the floor, the peers, the bare handler and the bridge. */
import { CONTESTANTS, type Contestant } from "./contestants.ts";
import type { Results } from "./results.ts";
import { type Spread, toRatios, toSpread, toText } from "./statistics.ts";
import type { WorkloadName } from "./workloads.ts";

const FLOOR_LIMITS: Partial<Record<WorkloadName, number>> = { read: 1.35, write: 1.35, login: 1.25 };
const JUDGED: readonly WorkloadName[] = ["read", "write", "login"];

export function comparisons(results: Results): string {
  return [
    againstFloor(results),
    againstPeers(results),
    acrossStores(results),
    untouched(results),
    bridge(results),
  ]
    .filter((section) => section !== "")
    .join("\n\n");
}

/** Ours compared with the floor and the bare framework together. */
function againstFloor(results: Results): string {
  const rows = pick(results, "ours").flatMap((ours) =>
    JUDGED.flatMap((name) => {
      const mine = results.cpu(ours.id, name);
      const floor = results.cpu(`floor-${ours.store}`, name);
      const node = results.cpu("bare-node", name);
      const framework = results.cpu(`bare-${ours.framework}`, name);
      if (ours.id.includes("bridge") || [mine, floor, node, framework].some(({ length }) => length === 0))
        return [];
      const least = floor.map((value, pass) => value + (framework[pass] ?? 0) - (node[pass] ?? 0));
      const added = toSpread(mine.map((value, pass) => value - (framework[pass] ?? 0)));
      const ratio = toRatios(mine, least);
      return [
        `| ${ours.framework} | ${ours.label} | ${name} | ${toText(ratio)} | ${limit(ratio, FLOOR_LIMITS[name] ?? 1)} | ${toText(added, 1)} |`,
      ];
    }),
  );
  return section(
    "Against the floor",
    "The least correct work for the same store on bare `node:http`, plus what the framework alone costs above `node:http`.",
    ["| on | | | ratio | limit | added µs over the bare framework |", "|---|---|---|---|---|---|"],
    rows,
  );
}

/** Ours compared with each peer on the peer's framework and store; below 1 is faster. */
function againstPeers(results: Results): string {
  const rows = pick(results, "peer").flatMap((peer) => {
    const ours = CONTESTANTS.find(
      ({ role, id, framework, store }) =>
        role === "ours" &&
        id === `ours-${peer.framework}-${peer.store}` &&
        framework === peer.framework &&
        store === peer.store,
    );
    if (ours === undefined || results.cpu(ours.id, "read").length === 0) return [];
    const cells = results.workloads().map((name) => {
      const theirs = results.cpu(peer.id, name);
      return theirs.length === 0 ? "" : toText(toRatios(results.cpu(ours.id, name), theirs));
    });
    return [`| ${peer.framework} | ${peer.label} | ${cells.join(" | ")} |`];
  });
  const names = results.workloads();
  return section(
    "Against the peers",
    "Our processor time over theirs, on their framework and their store. Below 1, we are ahead.",
    [`| on | peer | ${names.join(" | ")} |`, `|---|---|${names.map(() => "---|").join("")}`],
    rows,
  );
}

/** A durable write compared with a write to a JavaScript object. */
function acrossStores(results: Results): string {
  const ratio = toRatios(
    results.cpu("ours-express-sqlite", "write"),
    results.cpu("express-session-memory", "write"),
  );
  if (Number.isNaN(ratio.middle)) return "";
  return `A write into SQLite by session-bridge over a write into memory by express-session, both on Express: ${toText(ratio)}.`;
}

function untouched(results: Results): string {
  const rows = pick(results, "ours").flatMap((ours) => {
    const cells = (["untouched", "anonymous"] as const).map((name) =>
      toText(toRatios(results.cpu(ours.id, name), results.cpu(`bare-${ours.framework}`, name))),
    );
    return cells.some((cell) => cell.includes("NaN"))
      ? []
      : [`| ${ours.framework} | ${ours.label} | ${cells.join(" | ")} |`];
  });
  return section(
    "Requests that do not use the session",
    "Over the bare handler of the same framework; compare with the A/A spread above.",
    ["| on | | untouched | anonymous |", "|---|---|---|---|"],
    rows,
  );
}

function bridge(results: Results): string {
  const rows = (["ours-bridge-on", "ours-bridge-panel"] as const).flatMap((id) => {
    const cells = results
      .workloads()
      .map((name) => toText(toRatios(results.cpu(id, name), results.cpu("ours-bridge-off", name))));
    return cells.some((cell) => cell.includes("NaN"))
      ? []
      : [`| ${id === "ours-bridge-on" ? "on" : "on, panel connected"} | ${cells.join(" | ")} |`];
  });
  const names = results.workloads();
  return section(
    "The bridge",
    "Over the same server with the bridge off (NODE_ENV=development in all three).",
    [`| bridge | ${names.join(" | ")} |`, `|---|${names.map(() => "---|").join("")}`],
    rows,
  );
}

function pick(results: Results, role: Contestant["role"]): Contestant[] {
  return CONTESTANTS.filter(
    (contestant) => contestant.role === role && results.contestants().includes(contestant),
  );
}

function limit({ middle }: Spread, most: number): string {
  return `${middle <= most ? "within" : "ABOVE"} ${most}`;
}

function section(title: string, words: string, head: string[], rows: string[]): string {
  return rows.length === 0 ? "" : [`## ${title}\n\n${words}\n`, ...head, ...rows].join("\n");
}
