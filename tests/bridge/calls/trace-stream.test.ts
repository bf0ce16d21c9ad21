/** The stream of traces: it resumes, keeps the order, and reports what it lost. */
import { memoryLog, type TraceLog } from "session-bridge/bridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { streamTraces } from "../../../server-bridge/src/bridge/calls/trace-stream.ts";
import { createKeyLineage } from "../../../server-bridge/src/bridge/traces/key-lineage.ts";
import { trace } from "../../protocol/samples.ts";
import { type Site, startSite, Visitor } from "../site.ts";
import { type Listener, listen } from "../stream.ts";

let site: Site;
let visitor: Visitor;
const listeners: Listener[] = [];

beforeEach(async () => {
  site = await startSite();
  visitor = new Visitor(site);
});
afterEach(async () => {
  for (const one of listeners.splice(0)) one.close();
  await site.close();
});

async function listenWith(cookies: string[], more: object = {}): Promise<Listener> {
  const listener = await listen(site, { cookies, ...more });
  listeners.push(listener);
  return listener;
}

/** The cookie of a session that only its visitor has. */
async function newCookie(): Promise<string> {
  const other = new Visitor(site);
  await other.visit("/set?n=0");
  return other.cookie;
}

describe("the stream", () => {
  it("sends the kept traces, then new ones, in order", async () => {
    await visitor.visit("/set?n=1");
    const listener = await listenWith([visitor.cookie]);
    expect((await listener.next("open")).newest).toBe(1);
    await listener.trace("/set");
    for (const n of [2, 3, 4]) await visitor.visit(`/set?n=${n}`);
    const later = [await listener.trace("/set"), await listener.trace("/set"), await listener.trace("/set")];
    expect(later.map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
  });

  it("resumes after the last sequence seen, without repeating or losing one", async () => {
    await visitor.visit("/set?n=1");
    const first = await listenWith([visitor.cookie]);
    const { process } = await first.next("open");
    const { sequence } = await first.trace("/set");
    first.close();
    await visitor.visit("/set?n=2");
    await visitor.visit("/set?n=3");
    const again = await listenWith([visitor.cookie], { since: sequence, process });
    await visitor.visit("/set?n=4");
    const seen = [await again.trace("/set"), await again.trace("/set"), await again.trace("/set")];
    expect(seen.map(({ sequence }) => sequence)).toEqual([2, 3, 4]);
    expect(again.events.map(({ type }) => type)).toEqual(["open", "trace", "trace", "trace"]);
  });

  it("says that the server was restarted, and then sends everything it has", async () => {
    await visitor.visit("/set?n=1");
    const listener = await listenWith([visitor.cookie], { since: 41, process: "another-process" });
    expect(await listener.next("gap")).toEqual({ type: "gap", reason: "restarted", from: 41, to: 41 });
    expect((await listener.trace("/set")).sequence).toBe(1);
  });

  it("reports what the ring dropped while no one listened", async () => {
    await visitor.visit("/set?n=0");
    const { process } = await (await listenWith([])).next("open");
    for (let n = 1; n <= 210; n += 1) await visitor.visit(`/set?n=${n}`);
    const listener = await listenWith([visitor.cookie], { since: 1, process });
    expect(await listener.next("gap")).toEqual({ type: "gap", reason: "evicted", from: 1, to: 11 });
    expect((await listener.trace("/set")).sequence).toBe(12);
  });

  it("sends a heartbeat regularly", async () => {
    await site.close();
    site = await startSite({ bridge: { heartbeatMs: 20 } });
    const listener = await listenWith([]);
    const beats = [await listener.next("beat"), await listener.next("beat")];
    expect(beats[1]?.serverTime).toBeGreaterThan(beats[0]?.serverTime ?? Number.POSITIVE_INFINITY);
  });

  it("follows a session to a new key without a new call", async () => {
    await visitor.visit("/set?a=1");
    const listener = await listenWith([visitor.cookie]);
    await visitor.visit("/login", "POST");
    await visitor.visit("/set?a=2");
    await listener.trace("/login");
    expect((await listener.trace("/set")).changes).toEqual([{ key: "a", kind: "changed" }]);
  });

  it("sends a trace once that came while the kept ones were read", async () => {
    await site.close();
    const memory = memoryLog({ id: "slow", clock: Date.now });
    const reading = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const traceLog: TraceLog = {
      ...memory,
      async read(since) {
        asked.resolve();
        await reading.promise;
        return memory.read(since);
      },
    };
    site = await startSite({ bridge: { traceLog } });
    visitor = new Visitor(site);
    await visitor.visit("/set?n=1");
    const listening = listenWith([visitor.cookie]);
    await asked.promise;
    await visitor.visit("/set?n=2");
    reading.resolve();
    const listener = await listening;
    await visitor.visit("/set?n=3");
    const seen = [await listener.trace("/set"), await listener.trace("/set"), await listener.trace("/set")];
    expect(seen.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it("says goodbye when the server closes, and does not delay it", async () => {
    const listener = await listenWith([]);
    await listener.next("open");
    const closed = new Promise((resolve) => site.server.close(resolve));
    expect(await listener.next("bye")).toEqual({ type: "bye", reason: "the server is closing" });
    await closed;
  });

  it("is refused for the seventeenth session, and available again when one leaves", async () => {
    const cookies = await Promise.all(Array.from({ length: 17 }, () => newCookie()));
    const sixteen = await Promise.all(cookies.slice(0, 16).map((cookie) => listenWith([cookie])));
    const last = cookies.slice(16);
    await expect(listenWith(last)).rejects.toThrow("too-many-streams");
    sixteen[0]?.close();
    await expect
      .poll(() =>
        listenWith(last).then(
          () => "open",
          () => "refused",
        ),
      )
      .toBe("open");
  });

  it("has a place for a panel that sends a cookie, however many listen without one or with the same one (T38)", async () => {
    for (let n = 0; n < 20; n += 1) await listenWith([]);
    const greedy = await newCookie();
    for (let n = 0; n < 16; n += 1) await listenWith([greedy]);
    await visitor.visit("/set?n=1");
    const mine = await listenWith([visitor.cookie]);
    await visitor.visit("/set?n=2");
    await mine.trace("/set");
    expect((await mine.trace("/set")).changes).toEqual([{ key: "n", kind: "changed" }]);
    const endings = await Promise.all([listeners[0]?.next("bye"), listeners[20]?.next("bye")]);
    expect(endings.map((bye) => bye?.reason)).toEqual([
      "too many panels are listening without a session's cookie",
      "too many panels are listening to this session, and another one needs the place",
    ]);
  });

  it("without a cookie gives way to the next such panel, and at most eight stay (T38)", async () => {
    for (let n = 0; n < 20; n += 1) await listenWith([]);
    await Promise.all(listeners.slice(0, 12).map((one) => one.next("bye")));
    const stay = listeners.slice(12).map((one) => one.next("beat").catch(() => "ended"));
    await site.close();
    expect(await Promise.all(stay)).toEqual(Array.from({ length: 8 }, () => "ended"));
    expect(listeners.slice(12).flatMap(({ events }) => events.map(({ type }) => type))).not.toContain("bye");
  });
});

describe("a reader that is slow", () => {
  it("gets the newest two hundred waiting events, and a report of the dropped ones", async () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    const events = streamTraces(
      { protocol: 1, cookies: [], ids: [], since: null, process: null },
      {
        log,
        lineage: createKeyLineage({ joins: true }),
        proven: new Set(["k"]),
        noteOwners() {},
        clock: () => trace.at,
        heartbeatMs: 60_000,
        gone: new AbortController().signal,
        closing: () => null,
      },
    );
    expect((await events.next()).value).toMatchObject({ type: "open" });
    for (let n = 1; n <= 300; n += 1) {
      log.append({ trace: { ...trace, id: String(n).padStart(22, "A") }, owners: ["k"] });
    }
    expect((await events.next()).value).toEqual({ type: "gap", reason: "slow", from: 0, to: 100 });
    expect((await events.next()).value).toMatchObject({ type: "trace", trace: { sequence: 101 } });
    await events.return(undefined);
  });
});
