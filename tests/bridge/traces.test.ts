/** What a trace says of each request, and the stream that carries it: resumed, bounded, and honest about what it lost. */
import { memoryLog, type TraceLog } from "session-bridge/bridge";
import { parseTraceHeader } from "session-bridge/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, type Site, startSite, Visitor } from "./site.ts";
import { type Listener, listen } from "./stream.ts";

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

describe("a response", () => {
  it("names its trace in Session-Trace, one of its own for each request", async () => {
    for (const path of ["/plain", "/set?a=1", "/nowhere", "/fail"]) {
      const { traceId } = await visitor.visit(path);
      expect(parseTraceHeader(`v=1;id=${traceId}`)).toBe(traceId);
    }
    expect(new Set(visitor.traceIds).size).toBe(4);
  });
});

describe("a trace", () => {
  it("shows a login: keys added, by whom, a new key, the cookie that was set, and what was done to the store", async () => {
    await visitor.visit("/set?cart=%5B%5D");
    const { traceId } = await visitor.visit("/login", "POST");
    const trace = await (await listenWith([visitor.cookie])).trace("/login");
    expect(trace).toMatchObject({
      id: traceId,
      origin: "request",
      request: { method: "POST", path: "/login", status: 200 },
      touched: true,
      newKey: true,
      flushedKeys: null,
      findings: [],
      cookie: { name: "sessionid", action: "set", maxAge: 3600, httpOnly: true, sameSite: "Lax", path: "/" },
    });
    expect(trace.changes).toEqual([
      { key: "user_id", kind: "added" },
      { key: "username", kind: "added" },
    ]);
    expect(trace.operations.map(({ name }) => name)).toEqual(["load", "cycle", "save"]);
    expect(trace.before?.keyId).not.toBe(trace.after?.keyId);
    expect(JSON.parse(trace.after?.dataJson ?? "")).toEqual({ cart: [], user_id: 123, username: "john_doe" });
    expect(JSON.stringify(trace)).not.toContain(visitor.cookie);
  });

  it("tells changed keys from added and removed ones, and leaves out equal ones", async () => {
    await visitor.visit("/set?same=1&change=%5B1%5D&gone=true");
    await visitor.visit("/set?same=1&change=%5B2%5D&fresh=1");
    const trace = await (await listenWith([visitor.cookie], { since: null })).trace("/set");
    expect(trace.changes.map(({ kind }) => kind)).toEqual(["added", "added", "added"]);
    const second = await (
      await listenWith([visitor.cookie], { since: trace.sequence, process: trace.process })
    ).trace("/set");
    expect(second.changes).toEqual([
      { key: "change", kind: "changed" },
      { key: "fresh", kind: "added" },
    ]);
  });

  it("shows a logout as flushed, to a panel that still has the old cookie", async () => {
    await visitor.visit("/login", "POST");
    const old = visitor.cookie;
    await visitor.visit("/logout", "POST");
    const trace = await (await listenWith([old])).trace("/logout");
    expect(trace).toMatchObject({
      flushedKeys: 2,
      after: null,
      newKey: false,
      cookie: { action: "deleted" },
    });
    expect(trace.changes.map(({ key, kind }) => `${kind} ${key}`)).toEqual([
      "removed user_id",
      "removed username",
    ]);
  });

  it("says that a 500 saved nothing, and which keys that concerns", async () => {
    await visitor.visit("/set?a=1");
    await visitor.visit("/fail");
    const trace = await (await listenWith([visitor.cookie])).trace("/fail");
    expect(trace.request.status).toBe(500);
    expect(trace.operations).toContainEqual({ name: "not-saved", durationMs: 0, reason: "status 500" });
    expect(trace.findings).toEqual([{ code: "unsaved-change", keys: ["half"] }]);
    expect(trace.changes).toEqual([]);
  });

  it("of a request that never looked at the session has no sides, and is given to who has its id", async () => {
    await visitor.visit("/login", "POST");
    const { traceId } = await visitor.visit("/plain?secret=1");
    const listener = await listenWith([visitor.cookie], { ids: [traceId] });
    const trace = await listener.trace("/plain");
    expect(trace).toMatchObject({ touched: false, before: null, after: null, operations: [], changes: [] });
  });

  it("names the line that wrote a key, in development", async () => {
    await site.close();
    site = await startSite({ bridge: { env: { NODE_ENV: "development" } } });
    visitor = new Visitor(site);
    await visitor.visit("/login", "POST");
    const trace = await (await listenWith([visitor.cookie])).trace("/login");
    for (const { writer } of trace.changes) expect(writer).toMatch(/^tests\/bridge\/site\.ts:\d+$/);
  });

  it("says that a change came too late, with the same id once more", async () => {
    await site.close();
    site = await startSite({
      app: (request, response) => {
        request.session.set("early", 1);
        response.on("finish", () => {
          try {
            request.session.set("late", 1);
          } catch {
            // the library says so by throwing
          }
        });
        response.end();
      },
    });
    visitor = new Visitor(site);
    const { traceId } = await visitor.visit("/x");
    const listener = await listenWith([visitor.cookie]);
    const trace = await listener.trace("/x");
    const last = trace.findings.length > 0 ? trace : await listener.trace("/x");
    expect(last.id).toBe(traceId);
    expect(last.findings).toEqual([{ code: "late-change", keys: ["late"] }]);
  });
});

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

describe("a panel's edit", () => {
  it("is a trace of its own with origin panel", async () => {
    await visitor.visit("/login", "POST");
    const { json } = await call(site, "session", { cookie: visitor.cookie });
    const listener = await listenWith([visitor.cookie]);
    const edit = await call(site, "edit", {
      cookie: visitor.cookie,
      ifVersion: json.session.version,
      operations: [{ op: "set", path: ["username"], valueJson: '"jane"' }],
    });
    const trace = await listener.trace("/__sessions/v1/edit");
    expect(trace).toMatchObject({ id: edit.json.traceId, origin: "panel", findings: [], newKey: false });
    expect(trace.changes).toEqual([{ key: "username", kind: "changed" }]);
  });
});
