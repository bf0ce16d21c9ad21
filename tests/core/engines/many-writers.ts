/** Many parallel writers of one session: nothing is lost, and the store is asked a few times for each write, however many there are. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createSessions, type Sessions } from "../../../server-bridge/src/core/sessions.ts";

/** True in `npm run test:field`. */
const IS_WHOLE = process.env["SESSIONS_FIELD"] === "true";
const COUNTS = IS_WHOLE ? [10, 100, 300] : [10, 50];
/** Calls of the engine for each write, its load included. */
const MOST_CALLS = 4;
/** Longer than usual: in the field, hundreds of writers share a machine of two cores with the servers. */
const PATIENCE = { storeTimeout: 60 };

const METHODS = ["load", "loadSync", "exists", "create", "update", "rename", "delete"] as const;

interface Counted {
  sessions: Sessions;
  /** Calls of the engine so far. */
  calls: number;
}

/** Counts every call that sessions make of the engine. */
function counted(engine: Engine): Counted {
  const found: Counted = { sessions: undefined as never, calls: 0 }; // set below
  for (const name of METHODS) {
    const call = engine[name]?.bind(engine) as ((...given: unknown[]) => unknown) | undefined; // any of them
    if (call === undefined) continue;
    Object.assign(engine, {
      [name]: (...given: unknown[]) => {
        found.calls++;
        return call(...given);
      },
    });
  }
  found.sessions = createSessions({ secretKey: "a secret", engine, ...PATIENCE });
  return found;
}

/**
 * @param makers each makes a separate engine over the same store, as processes do
 */
export function describeManyWriters(name: string, makers: readonly (() => Engine)[]): void {
  describe(`many writers of one session on ${name}`, () => {
    let processes: Counted[] = [];

    beforeAll(async () => {
      processes = makers.map((make) => counted(make()));
      for (const { sessions } of processes) await sessions.migrate();
    });
    afterAll(() => Promise.all(processes.map(({ sessions }) => sessions.close())));

    async function create(): Promise<string> {
      const session = processes[0]?.sessions.open();
      session?.set("n", 0);
      await session?.save();
      return session?.sessionKey ?? "";
    }

    async function read(key: string): Promise<Record<string, unknown>> {
      const session = processes[0]?.sessions.open(key);
      await session?.load();
      return session?.toJSON() ?? {};
    }

    /** One request of many: loads, waits until all have loaded, changes, saves. */
    async function write({ sessions }: Counted, key: string, at: number, loaded: () => Promise<void>) {
      const session = sessions.open(key);
      await session.load();
      session.get("n");
      await loaded();
      session.change("n", (n) => Number(n) + 1);
      session.set(`key${at}`, true);
      await session.save();
    }

    function all(count: number): Record<string, unknown> {
      const keys = Array.from({ length: count }, (_, at) => [`key${at}`, true]);
      return { n: count, ...Object.fromEntries(keys) };
    }

    /** Opens when so many have come. */
    function barrier(count: number): () => Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      let missing = count;
      return () => {
        missing -= 1;
        if (missing === 0) resolve();
        return promise;
      };
    }

    it.each(COUNTS)(`${MOST_CALLS} calls a write are enough for %i in one process`, async (count) => {
      const key = await create();
      const [one] = processes;
      if (one === undefined) throw new Error("there is no engine");
      one.calls = 0;
      const loaded = barrier(count);
      await Promise.all(Array.from({ length: count }, (_, at) => write(one, key, at, loaded)));
      const { calls } = one;
      if (IS_WHOLE) console.log(`${name}: ${count} writers, ${(calls / count).toFixed(2)} calls a write`);
      expect(await read(key)).toEqual(all(count));
      expect(calls / count).toBeLessThanOrEqual(MOST_CALLS);
    });

    it.each(makers.length > 1 ? COUNTS : [])("%i in two processes lose nothing", async (count) => {
      const key = await create();
      for (const one of processes) one.calls = 0;
      const loaded = barrier(count);
      await Promise.all(
        Array.from({ length: count }, (_, at) => {
          const one = processes[at % processes.length];
          if (one === undefined) throw new Error("there is no engine");
          return write(one, key, at, loaded);
        }),
      );
      const calls = processes.reduce((sum, one) => sum + one.calls, 0);
      if (IS_WHOLE)
        console.log(
          `${name}: ${count} writers in two processes, ${(calls / count).toFixed(2)} calls a write`,
        );
      expect(await read(key)).toEqual(all(count));
    });

    it.each(IS_WHOLE ? [300] : [])("%i keep no other visitor waiting", async (count) => {
      const [one] = processes;
      if (one === undefined) throw new Error("there is no engine");
      const own = await create();
      const rest = await measure(one, own, () => Promise.resolve());
      const key = await create();
      const loaded = barrier(count + 1);
      let isOver = false;
      const writers = Promise.all(Array.from({ length: count }, (_, at) => write(one, key, at, loaded)));
      void writers.then(() => {
        isOver = true;
      });
      await loaded(); // all of them have loaded by then, which is another load of the store
      const busy = await measure(one, own, () => Promise.resolve(isOver));
      await writers;
      console.log(
        `${name}: another visitor's read and write take p99 ${rest.toFixed(1)} ms at rest, ${busy.toFixed(1)} ms while ${count} write`,
      );
    });

    /** The p99 of a visitor's request in milliseconds: fifty of them, or as many as there are until `isOver`. */
    async function measure(one: Counted, key: string, isOver: () => Promise<unknown>): Promise<number> {
      const times: number[] = [];
      while (times.length < 50 && (await isOver()) !== true) {
        const start = performance.now();
        const session = one.sessions.open(key);
        await session.load();
        session.set("at", start);
        await session.save();
        times.push(performance.now() - start);
      }
      return times.sort((left, right) => left - right).at(Math.ceil(times.length * 0.99) - 1) ?? 0;
    }
  });
}
