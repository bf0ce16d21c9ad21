/** Whose session it is (T10): the cookie's value proves it, and nothing else reveals anything. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  EXTENSION_ORIGIN,
  rawCall,
  readSession,
  type Site,
  sendRaw,
  startSite,
  Visitor,
} from "../site.ts";
import { type Listener, listen } from "../stream.ts";

let site: Site;
let alice: Visitor;
let bob: Visitor;
const listeners: Listener[] = [];

beforeEach(async () => {
  site = await startSite();
  alice = new Visitor(site);
  bob = new Visitor(site);
  await alice.visit("/login", "POST");
  await bob.visit("/login", "POST");
});
afterEach(async () => {
  for (const one of listeners.splice(0)) one.close();
  await site.close();
});

async function listenWith(request: Parameters<typeof listen>[1]): Promise<Listener> {
  const listener = await listen(site, request);
  listeners.push(listener);
  return listener;
}

describe("of two users on one server", () => {
  it("each sees only their own session", async () => {
    await alice.visit("/set?mine=%22alice%22");
    const bobs = await call(site, "session", { cookie: bob.cookie });
    expect(bobs.text).not.toContain("alice");
    expect((await readSession(site, alice.cookie)).keyId).not.toBe(bobs.json.session.keyId);
  });

  it("neither receives a trace, an id or a key's digest of the other, past or future", async () => {
    const listener = await listenWith({ cookies: [bob.cookie] });
    await alice.visit("/set?a=1");
    await bob.visit("/set?b=1");
    await alice.visit("/logout", "POST");
    await bob.visit("/set?b=2");
    await listener.trace("/login");
    await listener.trace("/set");
    await listener.trace("/set");
    const seen = JSON.stringify(listener.events);
    for (const id of alice.traceIds) expect(seen).not.toContain(id);
    expect(listener.events.filter(({ type }) => type === "trace")).toHaveLength(3);
    const alicesKey = (await listenWith({ cookies: [alice.cookie] })).events;
    expect(alicesKey).toEqual([]);
  });

  it("neither gets the other's trace by naming its id", async () => {
    const listener = await listenWith({ cookies: [bob.cookie], ids: alice.traceIds });
    await bob.visit("/set?b=1");
    await listener.trace("/set");
    for (const id of alice.traceIds) expect(JSON.stringify(listener.events)).not.toContain(id);
  });

  it("neither changes the other's session with their own version", async () => {
    const { version } = await readSession(site, bob.cookie);
    const edit = { ifVersion: version, operations: [{ op: "set", path: ["user_id"], valueJson: "1" }] };
    const { status, json } = await call(site, "edit", { cookie: alice.cookie, ...edit });
    expect({ status, code: json.code }).toEqual({ status: 409, code: "conflict" });
    expect((await readSession(site, alice.cookie)).dataJson).toContain("123");
  });
});

/** One request of many on one connection. */
function sessionCall(body: string): string {
  const lines = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
  return rawCall("session", lines, body);
}

describe("keys that were guessed", () => {
  it("all get the same response: one status, one length, ten thousand times", async () => {
    const bodies = Array.from({ length: 10_000 }, () =>
      JSON.stringify({ protocol: 1, cookie: randomBytes(16).toString("hex") }),
    );
    const answers = (await sendRaw(site.port, bodies.map(sessionCall).join(""), bodies.length))
      .split("HTTP/1.1 ")
      .slice(1);
    expect(answers).toHaveLength(10_000);
    const kinds = new Set(answers.map((answer) => answer.replace(/"serverTime":\d{13}|^Date: .*$/gm, "")));
    expect([...kinds]).toHaveLength(1);
  });

  it("get the same response as the key of an expired session", async () => {
    const ended = bob.cookie;
    await bob.visit("/logout", "POST");
    const [gone, never] = [
      await call(site, "session", { cookie: ended }),
      await call(site, "session", { cookie: "z".repeat(32) }),
    ];
    expect({ ...gone.json, serverTime: 0 }).toEqual({ ...never.json, serverTime: 0 });
    expect(gone.text).toHaveLength(never.text.length);
  });

  it("are refused in the same way by every call that writes", async () => {
    const body = { ifVersion: "v", operations: [{ op: "delete", path: ["a"] }], change: { kind: "default" } };
    for (const name of ["edit", "expiry", "cycle", "flush"]) {
      const answers = await Promise.all(
        ["a".repeat(32), "b".repeat(32)].map((cookie) => call(site, name, { cookie, ...body })),
      );
      expect(answers.map(({ status, text }) => `${status} ${text}`)).toEqual(
        [answers[0], answers[0]].map((one) => `403 ${one?.text}`),
      );
      expect(answers[0]?.json.code).toBe("gone");
    }
  });
});

describe("ids that were guessed", () => {
  it("open a stream that sends nothing", async () => {
    const ids = Array.from({ length: 200 }, () => randomBytes(16).toString("base64url"));
    const listener = await listenWith({ ids });
    await alice.visit("/plain");
    await bob.visit("/set?b=1");
    const mine = await listenWith({ cookies: [bob.cookie] });
    await mine.trace("/set");
    expect(listener.events).toEqual([]);
    expect((await listener.next("open")).type).toBe("open");
  });
});

describe("a cookie that is a path, a query or a control character", () => {
  const hostile = [
    "../../etc/passwd",
    "..%2f..%2fetc",
    "\0",
    "a".repeat(16_000),
    "' OR 1=1 --",
    "é́",
    "__proto__",
  ];
  for (const cookie of hostile) {
    it(`is not a session: ${JSON.stringify(cookie).slice(0, 30)}`, async () => {
      const calls = site.engineCalls();
      expect((await call(site, "session", { cookie })).json).toMatchObject({
        found: false,
        reason: "unknown",
      });
      expect((await call(site, "flush", { cookie, ifVersion: "v" })).json).toMatchObject({
        code: "not-possessed",
      });
      expect(site.engineCalls()).toBe(calls);
    });
  }
});
