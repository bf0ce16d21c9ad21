/** When a store may be asked, and what is said about it: the guard on a store that does what the test says. */
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type GuardedCall,
  StoreGuard,
  untilGivenUp,
} from "../../../server-bridge/src/core/engines/store-guard.ts";

const LIMIT_MS = 50;
const REFUSED = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const silence = () => new Promise<never>(() => {});
const answer = async () => "answer";

/** A guard and its store, which is up at first. */
function makeGuard({ waitsForPing = true, limitMs = LIMIT_MS } = {}) {
  const lines: string[] = [];
  const store = { pings: 0, ping: answer as () => Promise<unknown> };
  const guard = new StoreGuard({
    name: "The store",
    limitMs,
    log: (line) => lines.push(line),
    ping: () => {
      store.pings++;
      return store.ping();
    },
    waitsForPing,
    isOutage: (error) => error === REFUSED,
  });
  onTestFinished(() => guard.close());
  const fall = async () => {
    store.ping = () => Promise.reject(REFUSED);
    await expect(guard.run(() => Promise.reject(REFUSED))).rejects.toBe(REFUSED);
    await expect.poll(() => guard.isDown).toBe(true);
  };
  return { guard, store, lines, fall };
}

/** Lets the guard's second between two pings pass. */
async function expectDue(guard: StoreGuard): Promise<void> {
  await expect.poll(() => guard.run(answer).catch(() => null), { timeout: 5000 }).toBe("answer");
}

describe("a store that answers", () => {
  it("returns its answer, and its errors as they are", async () => {
    const { guard, lines, store } = makeGuard();
    expect(await guard.run(answer)).toBe("answer");
    const mistake = new Error("syntax error");
    await expect(guard.run(() => Promise.reject(mistake))).rejects.toBe(mistake);
    expect([guard.isDown, store.pings, lines]).toEqual([false, 0, []]);
  });

  it("is not down because of a ping that found all connections busy, if a call was answered meanwhile", async () => {
    const { guard, lines, store } = makeGuard();
    const held = Promise.withResolvers<string>();
    const running = guard.run(() => held.promise);
    store.ping = silence;
    guard.suspect(REFUSED);
    held.resolve("answer");
    expect(await running).toBe("answer");
    await guard.check(); // the same ping
    expect([guard.isDown, store.pings, lines]).toEqual([false, 1, []]);
  });

  it("is not late with an answer that had come while this process was busy", async () => {
    const { guard, lines } = makeGuard();
    await new Promise(setImmediate); // so that timers run before the next immediate
    const running = guard.run(() => new Promise((resolve) => setImmediate(resolve, "answer")));
    const untilMs = performance.now() + 2 * LIMIT_MS;
    while (performance.now() < untilMs);
    expect(await running).toBe("answer");
    expect(lines).toEqual([]);
  });

  it("is not asked by a call that waited for a ping while the guard was closed", async () => {
    const { guard, store } = makeGuard();
    const held = Promise.withResolvers<void>();
    store.ping = () => held.promise;
    guard.suspect(REFUSED);
    let asked = 0;
    const running = guard.run(async () => void asked++);
    const closing = guard.close();
    held.resolve();
    await expect(running).rejects.toMatchObject({ code: "engine", message: /The store was closed/ });
    await closing;
    expect(asked).toBe(0);
  });

  it("ends one slow call without an outage, if another call was answered meanwhile", async () => {
    const { guard, lines, store } = makeGuard();
    const slow = guard.run(silence);
    await guard.run(answer);
    await expect(slow).rejects.toMatchObject({
      code: "unavailable",
      message: /The store did not answer for 0.1 s/,
    });
    expect([guard.isDown, store.pings, lines]).toEqual([false, 0, []]);
  });

  it("is pinged after a slow call if no other was answered, and then it is no outage either", async () => {
    const { guard, lines, store } = makeGuard();
    await expect(guard.run(silence)).rejects.toMatchObject({ code: "unavailable" });
    expect(await guard.run(answer)).toBe("answer");
    expect([guard.isDown, store.pings, lines]).toEqual([false, 1, []]);
  });

  it("tells a call that it is given up, once, and frees what it waited for", async () => {
    const { guard } = makeGuard();
    const events: unknown[] = [];
    const work = (call: GuardedCall) => {
      call.drop = () => events.push(call.over);
      return silence();
    };
    await expect(guard.run(work)).rejects.toMatchObject({ code: "unavailable" });
    await guard.close();
    expect(events).toEqual([true]);
  });

  it("may take longer for one call", async () => {
    const { guard } = makeGuard();
    const slow = (call: GuardedCall) =>
      new Promise<number>((resolve) => setTimeout(() => resolve(call.limitMs), 3 * LIMIT_MS));
    expect(await guard.run(slow, 60_000)).toBe(60_000);
  });

  it("is not blamed for a process that was busy: its answer is taken", async () => {
    const { guard } = makeGuard();
    const answered = guard.run(async () => {
      await new Promise(setImmediate);
      return "answer";
    });
    for (const end = performance.now() + 2 * LIMIT_MS; performance.now() < end; );
    expect(await answered).toBe("answer");
  });
});

describe("a store that is down", () => {
  it("is reported in one line, and refuses calls at once, with the first error", async () => {
    const { guard, lines, fall } = makeGuard();
    await fall();
    let asked = 0;
    for (let n = 0; n < 50; n++) {
      const refused = guard.run(async () => asked++);
      await expect(refused).rejects.toMatchObject({ code: "unavailable", cause: REFUSED });
    }
    expect(asked).toBe(0);
    expect(lines).toEqual([expect.stringMatching(/^The store does not answer \(Error \(ECONNREFUSED\)/)]);
    expect(await guard.check()).toMatchObject({ ok: false, downSinceMs: expect.any(Number) });
  });

  it("is asked by one call a second, which waits and is served if it answers", async () => {
    const { guard, lines, store, fall } = makeGuard();
    await fall();
    store.ping = answer;
    await expectDue(guard);
    expect(guard.isDown).toBe(false);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^The store answers again, after [\d.]+ seconds\.$/),
    ]);
  });

  it("is pinged once for all calls that wait", async () => {
    const { guard, store, fall } = makeGuard();
    await fall();
    const before = store.pings;
    store.ping = silence;
    const pings = () => {
      guard.run(answer).catch(() => {}); // waits for the ping
      return store.pings;
    };
    await expect.poll(pings, { timeout: 5000 }).toBe(before + 1);
    await Promise.allSettled(Array.from({ length: 50 }, () => guard.run(answer)));
    expect(store.pings).toBe(before + 1);
  });

  it("in front of another, keeps no call waiting for the ping", async () => {
    const { guard, store, fall } = makeGuard({ waitsForPing: false, limitMs: 10_000 });
    await fall();
    let pong: (value: unknown) => void = () => {};
    store.ping = () => new Promise((resolve) => (pong = resolve));
    const before = store.pings;
    const pings = () => guard.run(answer).catch(() => store.pings);
    await expect.poll(pings, { timeout: 5000 }).toBe(before + 1);
    await expect(guard.run(answer)).rejects.toMatchObject({ code: "unavailable" });
    pong("pong");
    await expect.poll(() => guard.run(answer).catch(() => "refused")).toBe("answer");
  });

  it("is noticed without any call, and so is its return", async () => {
    const { guard, store, lines } = makeGuard();
    store.ping = () => Promise.reject(REFUSED);
    guard.suspect(REFUSED);
    await expect.poll(() => guard.isDown).toBe(true);
    store.ping = answer;
    await expect.poll(() => guard.isDown, { timeout: 10_000 }).toBe(false);
    expect(lines).toHaveLength(2);
  }, 15_000);

  it("is up again when any call is answered, and when it is checked", async () => {
    const { guard, store, lines, fall } = makeGuard();
    let late: (value: string) => void = () => {};
    const earlier = guard.run(() => new Promise<string>((resolve) => (late = resolve)), 60_000);
    await fall();
    late("late");
    expect([await earlier, guard.isDown]).toEqual(["late", false]);
    await fall();
    store.ping = answer;
    expect(await guard.check()).toEqual({ name: "The store", ok: true, downSinceMs: null });
    expect([guard.isDown, lines.length]).toEqual([false, 4]);
  });

  it("is not down if it refuses the ping: that is an answer, but not health", async () => {
    const { guard, store, lines } = makeGuard();
    store.ping = () => Promise.reject(new Error("password hunter2 is wrong"));
    const health = await guard.check();
    expect(health).toMatchObject({ ok: false, downSinceMs: null });
    expect(JSON.stringify(health)).not.toContain("hunter2");
    expect([guard.isDown, lines, await guard.run(answer)]).toEqual([false, [], "answer"]);
  });
});

describe("a guard that is closed", () => {
  it("refuses calls, says nothing more, and may be closed again", async () => {
    const { guard, store, lines, fall } = makeGuard();
    await fall();
    await guard.close();
    await guard.close();
    store.ping = answer;
    await expect(guard.run(answer)).rejects.toMatchObject({
      code: "engine",
      message: /The store was closed/,
    });
    expect(await guard.check()).toMatchObject({ ok: false, reason: expect.stringMatching(/was closed/) });
    guard.suspect(REFUSED);
    expect(lines).toHaveLength(1);
  });

  it("waits for running calls, and ends those that take longer than the limit", async () => {
    const { guard } = makeGuard();
    const ends: string[] = [];
    const quick = guard.run(
      () => new Promise<string>((resolve) => setTimeout(() => resolve("quick"), LIMIT_MS / 5)),
    );
    const endless = guard.run(silence, 600_000).catch((error: Error) => ends.push(error.message));
    await guard.close();
    expect(await quick).toBe("quick");
    await endless;
    expect(ends).toEqual([expect.stringMatching(/The store was closed/)]);
  });
});

describe("work that waits for a call", () => {
  it("goes on when the call is given up, and gets no late result", async () => {
    const { guard } = makeGuard();
    const late: string[] = [];
    let finish: (value: string) => void = () => {};
    const promise = new Promise<string>((resolve) => (finish = resolve));
    let waiting: Promise<string> = promise;
    const run = guard.run((call) => (waiting = untilGivenUp(call, promise, (value) => late.push(value))));
    await expect(run).rejects.toMatchObject({ code: "unavailable" });
    await expect(waiting).rejects.toThrow(/given up/);
    finish("late");
    await promise;
    expect(late).toEqual(["late"]);
  });
});
