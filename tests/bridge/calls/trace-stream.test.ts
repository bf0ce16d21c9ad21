/** The stream that carries traces: resumed, in order, and honest about what it lost. */
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

describe("the stream", () => {
  it("gives what was kept, then what comes, in order", async () => {
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

  it("says that the server was started anew, and then gives all it has", async () => {
    await visitor.visit("/set?n=1");
    const listener = await listenWith([visitor.cookie], { since: 41, process: "another-process" });
    expect(await listener.next("gap")).toEqual({ type: "gap", reason: "restarted", from: 41, to: 41 });
    expect((await listener.trace("/set")).sequence).toBe(1);
  });

  it("says what the ring let go while nobody listened", async () => {
    await visitor.visit("/set?n=0");
    const { process } = await (await listenWith([])).next("open");
    for (let n = 1; n <= 210; n += 1) await visitor.visit(`/set?n=${n}`);
    const listener = await listenWith([visitor.cookie], { since: 1, process });
    expect(await listener.next("gap")).toEqual({ type: "gap", reason: "evicted", from: 1, to: 11 });
    expect((await listener.trace("/set")).sequence).toBe(12);
  });

  it("gives a sign of life every so often", async () => {
    await site.close();
    site = await startSite({ bridge: { heartbeatMs: 20 } });
    const listener = await listenWith([]);
    const beats = [await listener.next("beat"), await listener.next("beat")];
    expect(beats[1]?.serverTime).toBeGreaterThan(beats[0]?.serverTime ?? Number.POSITIVE_INFINITY);
  });

  it("follows a session over a new key without being asked again", async () => {
    await visitor.visit("/set?a=1");
    const listener = await listenWith([visitor.cookie]);
    await visitor.visit("/login", "POST");
    await visitor.visit("/set?a=2");
    await listener.trace("/login");
    expect((await listener.trace("/set")).changes).toEqual([{ key: "a", kind: "changed" }]);
  });

  it("gives a trace once that came while the kept ones were read", async () => {
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

  it("says good-bye when the server is told to close, and does not hold it up", async () => {
    const listener = await listenWith([]);
    await listener.next("open");
    const closed = new Promise((resolve) => site.server.close(resolve));
    expect(await listener.next("bye")).toEqual({ type: "bye", reason: "the server is closing" });
    await closed;
  });

  it("is refused to the seventeenth panel, and free again when one goes", async () => {
    const sixteen = await Promise.all(Array.from({ length: 16 }, () => listenWith([])));
    await expect(listenWith([])).rejects.toThrow("too-many-streams");
    sixteen[0]?.close();
    await expect
      .poll(() =>
        listenWith([]).then(
          () => "open",
          () => "refused",
        ),
      )
      .toBe("open");
  });
});

describe("a reader that is slow", () => {
  it("is given the newest two hundred of what waits, and told what went", async () => {
    const log = memoryLog({ id: "log", clock: () => trace.at });
    const events = streamTraces(
      { protocol: 1, cookies: [], ids: [], since: null, process: null },
      {
        log,
        lineage: createKeyLineage(),
        proven: ["k"],
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
