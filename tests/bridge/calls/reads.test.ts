/** The bridge's calls that read, over real HTTP: who answers, and what a session holds. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, readSession, type Site, startSite, Visitor } from "../site.ts";

let site: Site;
let visitor: Visitor;

beforeEach(async () => {
  site = await startSite();
  visitor = new Visitor(site);
});
afterEach(() => site.close());

describe("hello", () => {
  it("says who answers and what can be done, and nothing about any session", async () => {
    await visitor.visit("/login", "POST");
    const { status, json } = await call(site, "hello");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      protocol: 1,
      library: { name: "session-bridge" },
      engine: "db",
      cookieNames: ["sessionid"],
      capabilities: ["prove", "read", "traces", "edit", "expiry", "cycle", "flush", "restore", "conflicts"],
    });
    expect(JSON.stringify(json)).not.toContain("john_doe");
  });

  it("tells a panel with another protocol version its own version", async () => {
    const { status, json } = await call(site, "hello", { protocol: 2 });
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: "version", protocol: 1 });
  });
});

describe("session", () => {
  it("returns the whole decoded session to a caller that has its cookie", async () => {
    await visitor.visit("/login", "POST");
    const session = await readSession(site, visitor.cookie);
    expect(JSON.parse(session.dataJson)).toEqual({ user_id: 123, username: "john_doe" });
    expect(session.ageSeconds).toBe(3600);
    expect(session.atBrowserClose).toBe(false);
    expect(session.expiresAt / 1000).toBeCloseTo(Date.now() / 1000 + 3600, -1);
    expect(session.bytes).toBe(session.encoded.length);
  });

  it("shows four letters at each end of the key, never the whole", async () => {
    await visitor.visit("/login", "POST");
    const { text } = await call(site, "session", { cookie: visitor.cookie });
    expect(text).not.toContain(visitor.cookie);
    expect((await readSession(site, visitor.cookie)).key).toBe(
      `${visitor.cookie.slice(0, 4)}…${visitor.cookie.slice(-4)}`,
    );
  });

  it("says that there is none in the same way for unknown, expired and foreign keys", async () => {
    expect((await call(site, "session", { cookie: "" })).json).toMatchObject({
      found: false,
      reason: "no-cookie",
    });
    expect((await call(site, "session", { cookie: "a".repeat(32) })).json).toMatchObject({
      found: false,
      reason: "unknown",
    });
    expect((await call(site, "session", { cookie: "../../../etc/passwd" })).json).toMatchObject({
      found: false,
      reason: "unknown",
    });
  });

  it("returns numbers as they are stored, even beyond JavaScript's range", async () => {
    const { engine, codec, clock } = site.sessions;
    const json = '{"rate":1.0,"big":9007199254740993,"2":"two","1":"one"}';
    await engine.create("k".repeat(32), codec.encode(json), {
      expiresAtMs: clock() + 60_000,
      ageSeconds: 60,
    });
    expect((await readSession(site, "k".repeat(32))).dataJson).toBe(json);
  });
});

describe("a failing store", () => {
  it("is answered with a refusal, and its cause is printed on the terminal without keys", async () => {
    await visitor.visit("/login", "POST");
    site.breakStore(`disk full while reading ${visitor.cookie}`);
    const { status, json } = await call(site, "session", { cookie: visitor.cookie });
    expect(status).toBe(500);
    expect(json).toMatchObject({ code: "failed" });
    expect(site.lines.join("\n")).toContain("session failed: Error at ");
    expect(site.lines.join("\n")).not.toContain(visitor.cookie);
  });
});

describe("a body that is not the protocol's", () => {
  it("is refused with the position of the error", async () => {
    const { status, json } = await call(site, "session", { cookie: 7 });
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: "malformed", message: "session.cookie: expected text." });
  });

  it("is refused beyond 256 KiB, and the connection stays good", async () => {
    const { status, json } = await call(site, "session", { cookie: "x".repeat(300_000) });
    expect(status).toBe(403);
    expect(json).toMatchObject({ code: "too-large" });
    expect((await call(site, "hello")).status).toBe(200);
  });
});
