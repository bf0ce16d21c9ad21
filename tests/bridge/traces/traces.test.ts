/** What a trace says about each request, and about each edit by a panel. */
import { BRIDGE_PATH, parseTraceHeader } from "session-bridge/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, readSession, type Site, startSite, Visitor } from "../site.ts";
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

describe("a response", () => {
  it("names its trace in Session-Trace, a separate one for each request", async () => {
    for (const path of ["/plain", "/set?a=1", "/nowhere", "/fail"]) {
      const { traceId } = await visitor.visit(path);
      expect(parseTraceHeader(`v=1;id=${traceId}`)).toBe(traceId);
    }
    expect(new Set(visitor.traceIds).size).toBe(4);
  });
});

describe("a trace", () => {
  it("of a changed expiry shows the new one, even if the data are the same", async () => {
    await visitor.visit("/login", "POST");
    const { version, expiresAt } = await readSession(site, visitor.cookie);
    const change = { kind: "shift", shiftSeconds: 600 };
    await call(site, "expiry", { cookie: visitor.cookie, ifVersion: version, change });
    const listener = await listenWith([visitor.cookie]);
    const { before, after } = await listener.trace(`${BRIDGE_PATH}expiry`);
    expect([before?.dataJson, before?.expiresAt]).toEqual([after?.dataJson, expiresAt]);
    expect(after?.expiresAt).toBe(expiresAt - 600_000);
  });

  it("of a request whose session was deleted meanwhile says that it no longer exists", async () => {
    await visitor.visit("/login", "POST");
    const { cookie } = visitor;
    site.sessions.engine.update = async () => "gone";
    expect((await visitor.visit("/set?a=1")).status).toBe(400);
    const trace = await (await listenWith([cookie])).trace("/set");
    expect([trace.before === null, trace.after]).toEqual([false, null]);
  });

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

  it("distinguishes changed keys from added and removed ones, and leaves out equal ones", async () => {
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

  it("says that a 500 saved nothing, and which keys are affected", async () => {
    await visitor.visit("/set?a=1");
    await visitor.visit("/fail");
    const trace = await (await listenWith([visitor.cookie])).trace("/fail");
    expect(trace.request.status).toBe(500);
    expect(trace.operations).toContainEqual({ name: "not-saved", durationMs: 0, reason: "status 500" });
    expect(trace.findings).toEqual([{ code: "unsaved-change", keys: ["half"] }]);
    expect(trace.changes).toEqual([]);
  });

  it("of a request that never read the session has no sides, and is sent to anyone who has its id", async () => {
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

  it("shows what existed before a new session began", async () => {
    await site.close();
    site = await startSite({
      app: async (request, response) => {
        if (request.url === "/renew") {
          request.session.get("a");
          await request.session.regenerate();
        }
        request.session.set("a", request.url);
        response.end();
      },
    });
    visitor = new Visitor(site);
    await visitor.visit("/first");
    await visitor.visit("/renew");
    const trace = await (await listenWith([visitor.cookie])).trace("/renew");
    expect(JSON.parse(trace.before?.dataJson ?? "")).toEqual({ a: "/first" });
    expect(trace).toMatchObject({ newKey: true, flushedKeys: 1, changes: [{ key: "a", kind: "changed" }] });
  });

  it("is sent again with the same id when a change came too late", async () => {
    await site.close();
    site = await startSite({
      app: (request, response) => {
        request.session.set("early", 1);
        response.on("finish", () => {
          try {
            request.session.set("late", 1);
          } catch {
            // the library throws
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

describe("a panel's edit", () => {
  it("is a separate trace with origin panel", async () => {
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
