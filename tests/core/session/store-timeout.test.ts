/** `storeTimeout`: however the store behaves, a request waits for it only so long, and what it gave up leaves nothing behind. */
import { cache, type Engine, isSessionError, memory } from "session-bridge";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AnySession, library } from "../library.ts";

const SECONDS = 0.2;
const METHODS = ["load", "exists", "create", "update", "rename", "delete"] as const;
type Method = (typeof METHODS)[number];
type Call = (...given: unknown[]) => Promise<unknown>;

/** Memory that must be awaited. While a method is in `silent`, its calls wait for `answer`, or for ever. */
function held(settings: { storeTimeout?: number } = {}) {
  const silent = new Set<Method>();
  const calls: Method[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const { loadSync: _, looksBeforeLoading: __, ...engine } = cacheOfMemory();
  for (const name of METHODS) {
    const call = engine[name]?.bind(engine) as unknown as Call; // any of them
    Object.assign(engine, {
      [name]: async (...given: unknown[]) => {
        calls.push(name);
        if (silent.has(name)) {
          const wait = Promise.withResolvers<void>();
          waiting.push(wait);
          await wait.promise;
        }
        return call(...given);
      },
    });
  }
  const made = library({ engine, storeTimeout: SECONDS, ...settings });
  const answer = () => {
    for (const { resolve } of waiting.splice(0)) resolve();
  };
  const fail = () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("the connection was closed"));
  };
  return { ...made, engine, silent, calls, answer, fail };
}

function cacheOfMemory(): Engine {
  const engine = cache(memory());
  const names = [...METHODS, "start", "clearExpired", "close"] as const;
  const methods = Object.fromEntries(
    names.map((name) => [name, (engine[name] as unknown as Call).bind(engine)]),
  );
  return { name: "held", format: engine.format, keeping: "stored", swaps: true, ...methods } as Engine; // all of them
}

const keyIn = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

describe("a store that does not answer", () => {
  it.each<[string, Method, (session: AnySession) => Promise<unknown>]>([
    ["load", "load", (session) => session.load()],
    ["exists", "exists", (session) => session.exists("k".repeat(32))],
    [
      "save",
      "update",
      async (session) => {
        await session.load();
        session.set("a", 2);
        await session.save();
      },
    ],
    ["create", "create", (session) => session.create()],
    ["cycleKey", "rename", (session) => session.cycleKey()],
    ["flush", "delete", (session) => session.flush()],
    ["deleteStored", "delete", (session) => session.deleteStored()],
  ])("fails %s as unavailable, with the engine, the time and a next step", async (_name, method, act) => {
    const { sessions, stored, silent } = held();
    const session = sessions.open(keyIn(await stored({ a: 1 })));
    silent.add(method);
    const failure = await failureOf(act(session));
    expect(isSessionError(failure, "unavailable")).toBe(true);
    expect(failure).toMatchObject({ status: 503, statusCode: 503, headers: { "Retry-After": "1" } });
    expect(String(failure)).toMatch(
      /engine held\) did not answer within 0\.2 seconds, or .*\. Check .*storeTimeout/,
    );
  });

  it("is given one limit for all that a request asks of it, and asked nothing more when that is used up", async () => {
    const { stored, request, silent, calls } = held();
    const cookie = await stored({ a: 1 });
    silent.add("load");
    calls.length = 0;
    const failures: unknown[] = [];
    const handle = async (session: AnySession) => {
      session.clear();
      for (let tries = 0; tries < 3; tries++) failures.push(await failureOf(session.save()));
    };
    await expect(request(handle, { cookie })).rejects.toThrow("did not answer");
    expect(failures.map((failure) => isSessionError(failure, "unavailable"))).toEqual([true, true, true]);
    expect(calls).toEqual(["load"]); // no write was sent whose answer could not have been awaited
  });

  it("gets the whole limit again after a time in which the request did not need it", async () => {
    const { sessions, stored, silent } = held();
    const cookie = await stored({ a: 1 });
    const session = sessions.open(keyIn(cookie));
    silent.add("load");
    await failureOf(session.load());
    silent.clear();
    await expect.poll(() => failureOf(session.load())).toBe("no failure");
    expect(session.get("a")).toBe(1);
  });

  it("may fail later without ending the process", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const { sessions, stored, silent, fail } = held();
    const session = sessions.open(keyIn(await stored({ a: 1 })));
    await session.load();
    silent.add("update");
    session.set("a", 2);
    expect(isSessionError(await failureOf(session.save()), "unavailable")).toBe(true);
    fail();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });

  it("lets the next writer of the session go on when one has given up", async () => {
    const { sessions, stored, silent, read, answer } = held();
    const cookie = await stored({ a: 1 });
    const [first, second] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    await Promise.all([first.load(), second.load()]);
    silent.add("update");
    first.set("first", 1);
    const failed = failureOf(first.save());
    silent.clear();
    await new Promise((resolve) => setTimeout(resolve, (SECONDS / 2) * 1000)); // the second has more time left
    second.set("second", 1);
    await second.save();
    expect(isSessionError(await failed, "unavailable")).toBe(true);
    answer();
    await new Promise(setImmediate);
    expect(await read(cookie)).toEqual({ a: 1, second: 1 });
    await expect.poll(() => failureOf(first.save())).toBe("no failure");
    expect(await read(cookie)).toEqual({ a: 1, first: 1, second: 1 });
  });

  it("fails a writer that waits for its turn, which then leaves the line", async () => {
    const { sessions, stored, silent, read, answer } = held();
    const cookie = await stored({ a: 1 });
    const writers = [1, 2, 3].map(() => sessions.open(keyIn(cookie)));
    await Promise.all(writers.map((one) => one.load()));
    silent.add("update");
    const failures = writers.map((one, at) => {
      one.set(`key${at}`, at);
      return failureOf(one.save());
    });
    for (const failure of await Promise.all(failures))
      expect(isSessionError(failure, "unavailable")).toBe(true);
    silent.clear();
    answer();
    const late = sessions.open(keyIn(cookie));
    await late.load();
    late.set("late", true);
    await late.save();
    expect(await read(cookie)).toHaveProperty("late", true);
  });
});

describe("cycleKey of a session that is being written", () => {
  it("keeps its changes for the next try if it was not given the turn in time", async () => {
    const { sessions, stored, silent, read, answer } = held();
    const cookie = await stored({ a: 1, gone: 1 });
    const [slow, cycling] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    await Promise.all([slow.load(), cycling.load()]);
    silent.add("update");
    slow.set("slow", 1);
    const saving = failureOf(slow.save());
    cycling.set("cycled", 1);
    cycling.delete("gone");
    const failure = await failureOf(cycling.cycleKey());
    expect(isSessionError(failure, "unavailable")).toBe(true);
    await saving;
    silent.clear();
    answer();
    await expect.poll(() => failureOf(cycling.save())).toBe("no failure");
    expect(await read(`sessionid=${cycling.sessionKey}`)).toEqual({ a: 1, slow: 1, cycled: 1 });
  });
});

describe("a session that was to be loaded before the handler", () => {
  it("fails at its first use, however often, and not a request that does not use it", async () => {
    const { stored, request, silent, calls } = held();
    const cookie = await stored({ a: 1 });
    silent.add("load");
    expect(await request(() => {}, { cookie })).toMatchObject({ line: null, vary: null });
    calls.length = 0;
    const seen: unknown[] = [];
    await request(
      (session) => {
        for (const use of [() => session.get("a"), () => session.set("a", 2), () => session.keys()]) {
          try {
            use();
          } catch (error) {
            seen.push(isSessionError(error, "unavailable"));
          }
        }
      },
      { cookie, status: 503 },
    );
    expect(seen).toEqual([true, true, true]);
    expect(calls).toEqual(["load"]);
  });

  it("is loaded by a later load() of the handler", async () => {
    const { stored, request, silent } = held();
    const cookie = await stored({ a: 1 });
    silent.add("load");
    await request(
      async (session) => {
        silent.clear();
        await expect.poll(() => failureOf(session.load())).toBe("no failure");
        expect(session.get("a")).toBe(1);
      },
      { cookie },
    );
  });

  it("is still deleted by a flush", async () => {
    const { stored, request, read, silent } = held();
    const cookie = await stored({ a: 1 });
    silent.add("load");
    const { line } = await request(
      async (session) => {
        expect(isSessionError(await failureOf(session.flush()), "unavailable")).toBe(true); // no time is left
        await expect.poll(() => failureOf(session.flush())).toBe("no failure");
      },
      { cookie },
    );
    expect(line).toContain('sessionid="";');
    silent.clear();
    expect(await read(cookie)).toEqual({});
  });
});
