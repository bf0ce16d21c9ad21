/** What happens to requests while the server of their sessions is silent: the same for each kind of server. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished } from "vitest";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createSessions, type Sessions } from "../../../server-bridge/src/core/sessions.ts";
import { startApp } from "./app.ts";
import type { OwnServer } from "./own-servers.ts";

/** How long an outage lasts, milliseconds: in `npm run test:field` long enough for memory to pile up if it can. */
const OUTAGE_MS = process.env["SESSIONS_FIELD"] === "true" ? 60_000 : 0;

/** Seconds that a request waits for its store in these tests. */
const LIMIT = 1;
/** Milliseconds within which a request is over: the limit, and a generous second. */
const OVER_MS = LIMIT * 1000 + 1000;

/** A server that can be stopped where it is. */
type Server = Pick<OwnServer, "pause" | "resume">;

/** Sessions whose log lines are kept. */
function startSessions(engine: Engine): { sessions: Sessions; lines: string[] } {
  const lines: string[] = [];
  const options = {
    secretKey: "a secret",
    engine,
    storeTimeout: LIMIT,
    log: (line: string) => lines.push(line),
  };
  return { sessions: createSessions(options), lines };
}

/** A visitor who adds one to a number in their session, over and over, and remembers what was acknowledged. */
class Visitor {
  readonly key: string;
  acknowledged = 0;
  served = 0;
  longestMs = 0;
  readonly failures = new Map<string, number>();

  constructor(key: string) {
    this.key = key;
  }

  async visit(sessions: Sessions): Promise<void> {
    const startMs = performance.now();
    try {
      const session = sessions.open(this.key);
      await session.load();
      const stored = Number(session.get("n"));
      expect(stored, "no acknowledged write is lost").toBeGreaterThanOrEqual(this.acknowledged);
      session.set("n", stored + 1);
      await session.save();
      this.acknowledged = stored + 1;
      this.served++;
    } catch (error) {
      const code = String(Reflect.get(Object(error), "code") ?? error);
      this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
    }
    this.longestMs = Math.max(this.longestMs, performance.now() - startMs);
  }
}

/**
 * Stops the server under load. Every request is over in time, those that fail say `unavailable`, requests without a
 * session are served, the log has one line at each end, and afterwards everything is as acknowledged.
 */
export async function expectShortOutage(engine: Engine, server: Server, visitors = 20): Promise<void> {
  const { sessions, lines } = startSessions(engine);
  await sessions.migrate();
  const everyone = await Promise.all(Array.from({ length: visitors }, () => welcome(sessions)));
  const app = await startApp(sessions, (request, response) =>
    response.end(String(request.session.isEmpty())),
  );
  let isOver = false;
  const loops = everyone.map(async (visitor) => {
    while (!isOver) {
      await visitor.visit(sessions);
      await new Promise(setImmediate); // a refusal needs no I/O, which would otherwise never get a turn
    }
  });
  const wait = { timeout: 10_000, interval: 10 };
  const heapBefore = readHeap();
  await expect.poll(() => everyone.every(({ served }) => served > 2), wait).toBe(true);

  server.pause();
  await expect.poll(() => lines, { ...wait, message: "the outage is noticed" }).toHaveLength(1);
  await expect.poll(() => everyone.every(({ failures }) => failures.size > 0), wait).toBe(true);
  expect((await fetch(app.origin)).status, "a request without a session").toBe(200);
  const health = await sessions.health();
  expect(health).toMatchObject({ ok: false, stores: [{ ok: false, downSinceMs: expect.any(Number) }] });

  const endMs = performance.now() + OUTAGE_MS;
  await expect.poll(() => performance.now() > endMs, { timeout: OUTAGE_MS + 1000, interval: 100 }).toBe(true);
  const served = everyone.map((visitor) => visitor.served);
  server.resume();
  const isServed = () => everyone.every((visitor, n) => visitor.served > (served[n] ?? 0));
  await expect.poll(isServed, { timeout: 5000, interval: 10, message: "served again" }).toBe(true);
  isOver = true;
  await Promise.all(loops);

  for (const visitor of everyone) {
    expect([...visitor.failures.keys()]).toEqual(["unavailable"]);
    expect(visitor.longestMs).toBeLessThan(OVER_MS);
    await visitor.visit(sessions); // checks what is stored
  }
  if (OUTAGE_MS > 0) expect(readHeap()).toBeLessThan(heapBefore * 1.1);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/ does not answer \(.*\)\. Check that it is running/);
  expect(lines[1]).toMatch(/ answers again, after [\d.]+ seconds/);
  expect(await sessions.health()).toMatchObject({ ok: true });
  await app.stop();
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void; // the flag has just made it

/** Bytes of the heap in use, without garbage. */
function readHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function welcome(sessions: Sessions): Promise<Visitor> {
  const session = sessions.open();
  session.set("n", 0);
  await session.save();
  return new Visitor(session.sessionKey ?? "");
}

/** Kills the server under load and starts it again: the process survives, and nothing that was acknowledged is lost. */
export async function expectRestart(
  engine: Engine,
  server: Pick<OwnServer, "kill" | "restart">,
): Promise<void> {
  const { sessions, lines } = startSessions(engine);
  await sessions.migrate();
  const uncaught: unknown[] = [];
  const keep = (error: unknown) => uncaught.push(error);
  process.on("uncaughtException", keep);
  onTestFinished(() => void process.off("uncaughtException", keep));
  const everyone = await Promise.all(Array.from({ length: 20 }, () => welcome(sessions)));
  let isOver = false;
  const loops = everyone.map(async (visitor) => {
    while (!isOver) {
      await visitor.visit(sessions);
      await new Promise(setImmediate);
    }
  });
  await expect.poll(() => everyone.every(({ served }) => served > 2), { timeout: 10_000 }).toBe(true);
  await server.kill();
  await expect.poll(() => lines, { timeout: 5000 }).toHaveLength(1);
  await server.restart();
  const served = everyone.map((visitor) => visitor.served);
  const isServed = () => everyone.every((visitor, n) => visitor.served > (served[n] ?? 0));
  await expect.poll(isServed, { timeout: 10_000 }).toBe(true);
  isOver = true;
  await Promise.all(loops);
  for (const visitor of everyone) {
    expect([...visitor.failures.keys()]).toEqual(["unavailable"]);
    await visitor.visit(sessions);
  }
  expect(uncaught).toEqual([]);
  await sessions.close();
}

/** Stops the server, and closes the sessions while a request waits for it. `sockets` counts those the server still has. */
export async function expectCloseEnds(
  engine: Engine,
  server: Server,
  sockets: () => Promise<number>,
): Promise<void> {
  const { sessions, lines } = startSessions(engine);
  await sessions.migrate();
  const { key } = await welcome(sessions);
  server.pause();
  const waiting = sessions.engine.load(key);
  const startMs = performance.now();
  const [failed] = await Promise.allSettled([waiting, sessions.close()]);
  expect(performance.now() - startMs).toBeLessThan(OVER_MS + 1000);
  expect(failed.status).toBe("rejected");
  await expect(sessions.engine.load(key)).rejects.toThrow(/was closed/);
  await sessions.close();
  server.resume();
  await expect.poll(sockets, { timeout: 5000 }).toBe(0);
  expect(lines.filter((line) => line.includes("again"))).toEqual([]);
}

/**
 * Ten requests want to change a session that another client keeps locked. Another visitor is served meanwhile, no outage
 * is reported, and nothing of the ten is left on the server.
 *
 * @param lock locks the row of this key, and returns what unlocks it
 * @param waiting how many statements wait for locks on the server
 */
export async function expectOthersAreServed(
  engine: Engine,
  lock: (key: string) => Promise<() => Promise<void>>,
  waiting: () => Promise<number>,
): Promise<void> {
  const { sessions, lines } = startSessions(engine);
  await sessions.migrate();
  const [stuck, other] = [await welcome(sessions), await welcome(sessions)];
  const end = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };
  const unlock = await lock(stuck.key);
  let ended = 0;
  const writers = Array.from({ length: 10 }, () =>
    sessions.engine.update(stuck.key, "new", end, null).catch((error: unknown) => {
      ended++;
      return Reflect.get(Object(error), "code");
    }),
  );
  await other.visit(sessions);
  expect([other.served, ended], "served while the writers wait").toEqual([1, 0]);
  expect(await Promise.all(writers)).toEqual(writers.map(() => "unavailable"));
  await other.visit(sessions);
  expect(other.served).toBe(2);
  await expect.poll(waiting, { message: "the server has stopped them" }).toBe(0);
  await unlock();
  expect(
    (await sessions.engine.load(stuck.key)) ?? "none",
    "none of them is written later",
  ).not.toMatchObject({
    text: "new",
  });
  await expect.poll(() => sessions.engine.update(stuck.key, "newest", end, null)).toBe("saved");
  expect(lines).toEqual([]);
  await sessions.close();
}
