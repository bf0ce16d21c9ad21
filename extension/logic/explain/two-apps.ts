/**
 * Whether two addresses lead to one app or to two, by the processes that reported requests to them. A development
 * server and the app behind it are one app at two addresses; an app that was restarted is one app in two processes.
 */
import { LOOPBACK_PORTS, readMarkEnd } from "session-bridge/protocol";
import type { Entry } from "../timeline/entry.ts";
import { addressOf } from "./sent-cookies.ts";

/** Null: not known. */
type Relation = "one app" | "two apps" | null;

/** A request that a process answered. */
interface Sighting {
  from: number;
  to: number;
}

/** What the rows show of one origin. */
interface Server {
  processes: Set<string>;
  seen: Sighting[];
  /** Traces that its responses named. */
  named: Set<string>;
  /** Traces that its bridge reported and no row of this tab has. */
  reported: Set<string>;
  /** Where its responses say that the bridge listens. */
  ports: Set<string>;
}

/** The rows by origin, and what was found of pairs of origins. */
interface Index {
  servers: ReadonlyMap<string, Server>;
  relations: Map<string, Relation>;
}

const indexes = new WeakMap<readonly Entry[], Index>();
const NOTHING: Server = {
  processes: new Set(),
  seen: [],
  named: new Set(),
  reported: new Set(),
  ports: new Set(),
};

/**
 * What is known of two origins. They are two apps if one process answered before and after another did: so both ran at
 * the same time, and neither is the other after a restart. If several processes answered at one of the origins, or both
 * name one port, this shows nothing: the processes of a cluster share a port. But a bridge next to a site is one for all
 * of the site's processes: two of them that run now are of two apps.
 *
 * @param running the trace logs of the bridges that answer now, by origin
 */
export function relateOrigins(
  [one, other]: readonly [string, string],
  entries: readonly Entry[],
  running: ReadonlyMap<string, string> = new Map(),
): Relation {
  const index = indexes.get(entries) ?? createIndex(entries);
  indexes.set(entries, index);
  const now = [one, other].map((origin) => running.get(origin) ?? null);
  const key = JSON.stringify([one, other, ...now]);
  const known = index.relations.get(key);
  if (known !== undefined) return known;
  const [first, second] = [one, other].map((origin) =>
    addRunning(index.servers.get(origin) ?? NOTHING, running.get(origin)),
  );
  const relation = first === undefined || second === undefined ? null : relate(first, second);
  index.relations.set(key, relation);
  return relation;
}

function relate(one: Server & { runs: boolean }, other: Server & { runs: boolean }): Relation {
  if (haveCommon(one.processes, other.processes)) return "one app";
  if (haveCommon(one.reported, other.named) || haveCommon(other.reported, one.named)) return "one app";
  const bothRun = one.runs && other.runs;
  if (bothRun && isSeparate(one) && isSeparate(other) && !haveCommon(one.ports, other.ports))
    return "two apps";
  if (one.processes.size > 1 || other.processes.size > 1 || haveCommon(one.ports, other.ports)) return null;
  return bothRun || isSurrounded(one.seen, other.seen) || isSurrounded(other.seen, one.seen)
    ? "two apps"
    : null;
}

/** True if its responses name one bridge, which runs next to the site. */
function isSeparate({ ports }: Server): boolean {
  const [port] = ports;
  return ports.size === 1 && LOOPBACK_PORTS.includes(Number(port));
}

function createIndex(entries: readonly Entry[]): Index {
  const servers = new Map<string, Server>();
  const at = (origin: string): Server => {
    const found = servers.get(origin) ?? createServer();
    servers.set(origin, found);
    return found;
  };
  for (const entry of entries) {
    if (entry.type === "outside" && entry.origin !== undefined) at(entry.origin).reported.add(entry.trace.id);
    if (entry.type !== "request") continue;
    const { request, trace } = entry;
    const { origin } = addressOf(request);
    if (origin === null) continue;
    const server = at(origin);
    if (request.traceId !== null) server.named.add(request.traceId);
    if (request.bridge) server.ports.add(request.bridge);
    if (trace === null) continue;
    server.processes.add(trace.process);
    const to = request.durationMs === null ? Number.POSITIVE_INFINITY : request.at + request.durationMs;
    server.seen.push({ from: request.at, to });
  }
  for (const server of servers.values()) server.ports = new Set([...server.ports].flatMap(readPort));
  return { servers, relations: new Map() };
}

function createServer(): Server {
  return { processes: new Set(), seen: [], named: new Set(), reported: new Set(), ports: new Set() };
}

function readPort(mark: string): string[] {
  const at = readMarkEnd(mark)?.at ?? null;
  return at === null ? [] : [String(at.port)];
}

/** With the process that answers now, which does so after everything else. */
function addRunning(server: Server, now: string | undefined): Server & { runs: boolean } {
  if (now === undefined) return { ...server, runs: false };
  const last = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  return {
    ...server,
    processes: new Set([...server.processes, now]),
    seen: [...server.seen, last],
    runs: true,
  };
}

function haveCommon(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  const [few, many] = some.size < others.size ? [some, others] : [others, some];
  for (const each of few) if (many.has(each)) return true;
  return false;
}

/** True if the one process of the first list answered before and after that of the second did. */
function isSurrounded(around: readonly Sighting[], within: readonly Sighting[]): boolean {
  let [end, start] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { from, to } of around) {
    end = Math.min(end, to);
    start = Math.max(start, from);
  }
  return within.some(({ from, to }) => end <= from && to <= start);
}
