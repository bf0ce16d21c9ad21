/**
 * One storm, in its own process: `node --expose-gc run.ts HOST COUNT SEED`. It writes its result to its
 * standard output as JSON.
 */
import { Agent } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { sessionMiddleware } from "session-bridge/node";
import { createAsker } from "../client.ts";
import type { Served } from "../hosts/host.ts";
import { SERVE } from "../hosts/hosts.ts";
import type { HostName } from "../product.ts";
import { sessionsOn, slowEngine } from "../stores.ts";
import { ACTS, createVisitor, type Visitor } from "./acts.ts";
import { createDice, type Dice } from "./random.ts";
import { createStack } from "./stacks.ts";

/** What a storm leaves behind. */
export interface StormResult {
  acts: number;
  whole: number;
  aborted: number;
  /** Responses that were neither complete nor left by their visitor. */
  wrong: string[];
  /** Unhandled errors. */
  unhandled: string[];
  /** Connections that the server still has. */
  connections: number;
  /** Socket handles that the process still has. */
  resources: string[];
  /** Megabytes of heap after the first third and at the end. */
  heap: [third: number, end: number];
}

const VISITORS = 20;
const AT_ONCE = 8;
/** Counts of the store's loads and writes. */
const FAILS = 0.04;
const SLOWEST_MS = 6;

const unhandled: string[] = [];
process.on("uncaughtException", (error) => unhandled.push(`uncaught: ${error.stack}`));
process.on("unhandledRejection", (error) =>
  unhandled.push(`unhandled: ${error instanceof Error ? error.stack : error}`),
);

const [host = "node:http", count = "300", seed = "1"] = process.argv.slice(2);
console.log(JSON.stringify(await storm(host as HostName, Number(count), createDice(Number(seed)))));
process.exit(); // everything that is still open was told to close

async function storm(host: HostName, count: number, dice: Dice): Promise<StormResult> {
  const sessions = sessionsOn(
    slowEngine(async () => {
      await wait(dice.next() * SLOWEST_MS);
      if (dice.next() < FAILS) throw new Error("the store fails at times");
    }),
  );
  const served = await SERVE[host]({
    ...createStack(host, sessionMiddleware(sessions)),
    ...{ sessions, protocol: "HTTP/1.1" },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const { port } = served;
  const visitors = Array.from({ length: VISITORS }, () =>
    createVisitor(createAsker(port, "HTTP/1.1"), { ...{ port, host, dice, agent } }),
  );
  const outcomes: [act: string, outcome: string | null][] = [];
  const heap: number[] = [];
  for (let third = 0; third < 3; third++) {
    await play(visitors, dice, Math.floor(count / 3), outcomes);
    heap.push(await measureHeap());
  }
  agent.destroy();
  const connections = await settle(
    () => countConnections(served),
    (count) => count === 0,
  );
  await Promise.race([served.close(), wait(2000)]);
  const resources = await settle(listSockets, (names) => names.length === 0);
  const wrong = outcomes.filter(([, outcome]) => outcome !== null && outcome !== "aborted");
  return {
    acts: outcomes.length,
    whole: outcomes.filter(([, outcome]) => outcome === null).length,
    aborted: outcomes.filter(([, outcome]) => outcome === "aborted").length,
    wrong: wrong.map(([act, outcome]) => `${act}: ${outcome}`).slice(0, 20),
    unhandled: unhandled.slice(0, 5),
    connections,
    resources,
    heap: [heap[0] ?? 0, heap[2] ?? 0],
  };
}

/** Plays this many acts, some at the same time. */
async function play(
  visitors: readonly Visitor[],
  dice: Dice,
  count: number,
  outcomes: [string, string | null][],
): Promise<void> {
  let begun = 0;
  const names = Object.keys(ACTS);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (begun++ < count) {
        const name = dice.pick(names);
        outcomes.push([name, (await ACTS[name]?.(dice.pick(visitors))) ?? null]);
      }
    }),
  );
}

async function measureHeap(): Promise<number> {
  await wait(50); // connections that were just left are closed by now
  globalThis.gc?.();
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20);
}

function countConnections({ server }: Served): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

async function listSockets(): Promise<string[]> {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));
}

/** The value once it is as expected, or after ten seconds, when everything closed is gone. */
async function settle<Value>(
  read: () => Promise<Value>,
  isWanted: (value: Value) => boolean,
): Promise<Value> {
  for (let tries = 0; tries < 100; tries++) {
    const value = await read();
    if (isWanted(value)) return value;
    await wait(100);
  }
  return read();
}
