/** Sessions of requests whose response is a stand-in and cannot wait: the handshake of a WebSocket, without its packages. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createSessions, type Engine, type SessionsOptions } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { type SessionMiddleware, sessionMiddleware } from "session-bridge/node";
import { describe, expect, it } from "vitest";
import { asyncEngine, SECRET_KEY } from "./stores.ts";

/** For what is stored after the handshake. */
const WAIT = { timeout: 10_000 };

interface StandIn {
  setHeader?(): void;
  writeHead?(status?: number): void;
  end?(): void;
}

/** Sessions whose updates are counted, with one session stored, and a way to shake hands with its cookie or another. */
async function prepare(settings: Partial<SessionsOptions> = {}) {
  const inner = asyncEngine();
  const lines: string[] = [];
  const counted = { updates: 0 };
  const engine: Engine = {
    ...inner,
    update(...args) {
      counted.updates += 1;
      return inner.update(...args);
    },
  };
  const log = (line: string) => lines.push(line);
  const sessions = createSessions({ secretKey: SECRET_KEY, engine, log, ...settings });
  const first = sessions.open();
  first["cart"] = { n: 1 };
  await first.save();
  const key = first.sessionKey ?? "";
  const shake = async (standIn: StandIn, cookie = `sessionid=${key}`): Promise<IncomingMessage> => {
    const request = Object.assign(Object.create(null), { method: "GET", url: "/", headers: { cookie } });
    const response = standIn as unknown as ServerResponse; // as WebSocket servers pass it
    await new Promise<void>((resolve, reject) => {
      sessionMiddleware(sessions)(request, response, (error) => (error ? reject(error) : resolve()));
    });
    return request;
  };
  const read = async (name: string) => {
    const again = sessions.open(key);
    await again.load();
    return again.get(name);
  };
  return { sessions, key, lines, counted, shake, read };
}

describe("a handshake", () => {
  it("stores what was changed by then, even inside a value, once", async () => {
    const { shake, read, counted } = await prepare();
    const standIn = { writeHead() {}, end() {} };
    const { session } = await shake(standIn);
    Object.assign(session["cart"] as object, { n: 2 });
    standIn.writeHead();
    await expect.poll(() => read("cart"), WAIT).toEqual({ n: 2 });
    session["late"] = true;
    standIn.end();
    expect(await read("late")).toBeUndefined();
    await session.save();
    expect([await read("late"), counted.updates]).toEqual([true, 2]);
  });

  it("that is refused with end also stores it", async () => {
    const { shake, read } = await prepare();
    const standIn = { end() {} };
    const { session } = await shake(standIn);
    session["n"] = 3;
    standIn.end();
    await expect.poll(() => read("n"), WAIT).toBe(3);
  });

  it("says that a new key could not be sent", async () => {
    const { shake, lines } = await prepare();
    const standIn = { writeHead() {} };
    const { session } = await shake(standIn);
    void session.cycleKey();
    standIn.writeHead();
    await expect.poll(() => lines, WAIT).toEqual([expect.stringContaining("its cookie could not be sent")]);
  });

  it("stores no new session, whose cookie no one would have, and says so", async () => {
    const { shake, lines } = await prepare();
    const standIn = { writeHead() {} };
    const { session } = await shake(standIn, "none=1");
    session["n"] = 1;
    standIn.writeHead();
    await expect.poll(() => lines, WAIT).toEqual([expect.stringContaining("It was not stored.")]);
    expect(session.sessionKey).toBeNull();
  });

  it("prolongs its session with saveEveryRequest", async () => {
    const { shake, counted } = await prepare({ saveEveryRequest: true });
    const standIn = { writeHead() {} };
    const { session } = await shake(standIn);
    session.get("cart");
    standIn.writeHead();
    await expect.poll(() => counted.updates, WAIT).toBe(1);
  });

  it("with the key from before a login has nothing to prolong, and reports no failure", async () => {
    const { shake, counted, lines } = await prepare({ saveEveryRequest: true });
    for (const cookie of ["sessionid=unknownunknown", undefined]) {
      const standIn = { writeHead() {} };
      await shake(standIn, cookie);
      standIn.writeHead();
    }
    await expect.poll(() => counted.updates, WAIT).toBe(1);
    expect(lines).toEqual([]);
  });
});

describe("a handshake with two sessions", () => {
  it("stores both", async () => {
    const [site, admin] = [await prepare(), await prepare({ cookieName: "admin_sid" })];
    const keys = [site.key, admin.key];
    const cookie = `sessionid=${keys[0]}; admin_sid=${keys[1]}`;
    const request = Object.assign(Object.create(null), { method: "GET", url: "/", headers: { cookie } });
    const standIn = { writeHead() {}, end() {} };
    const response = standIn as unknown as ServerResponse; // as WebSocket servers pass it
    const use = (middleware: SessionMiddleware) =>
      new Promise<void>((resolve, reject) =>
        middleware(request, response, (error) => (error ? reject(error) : resolve())),
      );
    await use(sessionMiddleware(site.sessions));
    await use(sessionMiddleware(admin.sessions, { as: "adminSession" }));
    request.session["n"] = 1;
    request.adminSession["n"] = 2;
    standIn.writeHead();
    await expect.poll(() => site.read("n"), WAIT).toBe(1);
    await expect.poll(() => admin.read("n"), WAIT).toBe(2);
    expect([site.counted.updates, admin.counted.updates]).toEqual([1, 1]);
    request.adminSession["late"] = true;
    await request.adminSession.save();
    expect([await site.read("late"), await admin.read("late")]).toEqual([undefined, true]);
    await expect(use(sessionMiddleware(admin.sessions))).rejects.toThrow(/already has a session/);
  });
});

describe("the bridge", () => {
  const STAND_INS: [name: string, standIn: StandIn | undefined][] = [
    ["nothing", undefined],
    ["an empty object", {}],
    ["an object that takes headers only", { setHeader() {} }],
    ["an object that takes a head", { writeHead() {}, setHeader() {} }],
  ];

  it.each(STAND_INS)("lets a handshake with %s pass", async (_name, standIn) => {
    const { sessions } = await prepare();
    const bridge = openBridge(sessions, { enabled: true, env: {}, log: () => {} });
    const socket = { remoteAddress: "127.0.0.1" };
    const request = { method: "GET", url: "/", headers: {}, rawHeaders: [], httpVersion: "1.1", socket };
    await new Promise<void>((resolve) => {
      bridge(request as unknown as IncomingMessage, standIn as unknown as ServerResponse, resolve); // as above
    });
    standIn?.writeHead?.(101);
    bridge.close();
  });
});
