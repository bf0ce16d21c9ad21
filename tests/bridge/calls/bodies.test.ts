/** The bodies of calls share one limit: half-sent ones neither fill the memory nor lock the developer out (T38). */
import { type AddressInfo, connect, type Socket } from "node:net";
import { serve } from "@hono/node-server";
import { createSessions } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { BRIDGE_PATH } from "session-bridge/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createBodyBudget } from "../../../server-bridge/src/bridge/calls/body-budget.ts";
import { call, EXTENSION_ORIGIN, startSite } from "../site.ts";

const MIB = 1024 * 1024;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0)) await close();
});

const HEAD = `Host: localhost\r\nOrigin: ${EXTENSION_ORIGIN}\r\nContent-Type: application/json\r\nSec-Fetch-Site: none\r\nConnection: keep-alive`;

/** A call that sends only `parts` of a body of `length` bytes; collects what comes back. */
function begin(port: number, name: string, length: number) {
  const socket: Socket = connect(port, "127.0.0.1");
  closing.push(() => socket.destroy());
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  socket.write(`POST ${BRIDGE_PATH}${name} HTTP/1.1\r\n${HEAD}\r\nContent-Length: ${length}\r\n\r\n`);
  const send = (part: string | Buffer) => new Promise<void>((resolve) => socket.write(part, () => resolve()));
  return { send, answer: () => answer };
}

/** The bridge with Node's own server, and over Request and Response. */
const servers = {
  "node:http": async () => {
    const site = await startSite();
    closing.push(() => site.close());
    return site.port;
  },
  "the Fetch adapter": async () => {
    const sessions = createSessions({ secretKey: "k".repeat(50) });
    const bridge = openBridge(sessions, { enabled: true, env: {}, log: () => {} });
    const context = { peerAddress: "127.0.0.1" };
    const answer = (request: Request) => bridge.fetch(request, context, () => new Response("app"));
    const server = serve({ fetch: answer, port: 0, hostname: "127.0.0.1" });
    await new Promise((resolve) => server.once("listening", resolve));
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port; // a listening TCP server has such an address
  },
};

describe.each(Object.entries(servers))("over %s", (_, start) => {
  it("of a hundred half-sent restores only those that fit are kept, and other calls are answered", async () => {
    const port = await start();
    const half = Buffer.alloc(2 * MIB, "x");
    const hundred = Array.from({ length: 100 }, () => begin(port, "restore", 4 * MIB));
    for (const one of hundred) await one.send(half);
    const kept = () => hundred.filter((one) => one.answer() === "").length;
    await expect.poll(kept, { timeout: 20_000 }).toBeLessThanOrEqual(20);
    const refused = hundred.find((one) => one.answer() !== "")?.answer();
    expect(refused).toMatch(/403[\s\S]*too-large[\s\S]*had waited longest for its next bytes/);
    const { status } = await call({ origin: `http://127.0.0.1:${port}` }, "hello");
    expect(status).toBe(200);
  }, 60_000);

  it("one valid body of 4 MiB that comes in small pieces is read completely, even while others hang", async () => {
    const port = await start();
    const hanging = Array.from({ length: 30 }, () => begin(port, "restore", 4 * MIB));
    const body = JSON.stringify({ protocol: 1, padding: "x".repeat(4 * MIB) });
    const honest = begin(port, "restore", body.length);
    for (let at = 0; at < body.length; at += 50_000) {
      await honest.send(body.slice(at, at + 50_000));
      await hanging[(at / 50_000) % hanging.length]?.send(Buffer.alloc(MIB, "x"));
    }
    await expect.poll(honest.answer).toContain("HTTP/1.1 403");
    expect(honest.answer()).toContain('"malformed"'); // it was read and parsed, and is not a valid restore
    expect(honest.answer()).toContain("expected");
  }, 60_000);
});

describe("the budget of bodies", () => {
  const limits = { bytes: 10 * MIB, bodies: 5, stepMs: 10_000 };

  it("counts what is read until its call is answered", () => {
    const budget = createBodyBudget(limits);
    const one = budget.begin(8 * MIB, "too long");
    for (let n = 0; n < 4; n += 1) one.take(MIB);
    expect(budget.bytes).toBeGreaterThan(3.9 * MIB);
    one.arrived();
    expect(budget.bytes).toBeGreaterThan(3.9 * MIB);
    one.end();
    one.end();
    expect(budget.bytes).toBe(0);
  });

  it("counts one-byte pieces by the memory that they use", () => {
    const budget = createBodyBudget(limits);
    const one = budget.begin(8 * MIB, "too long");
    for (let n = 0; n < 100_000 && !one.stopped.aborted; n += 1) one.take(1);
    expect(one.stopped.reason).toMatchObject({ code: "too-large" });
    expect(budget.bytes).toBe(0);
  });

  it("drops the body that waits longest, but none that has arrived", () => {
    const budget = createBodyBudget(limits);
    const [arrived, slow, quick] = [1, 2, 3].map(() => budget.begin(8 * MIB, "too long"));
    arrived?.take(4 * MIB);
    arrived?.arrived();
    slow?.take(3 * MIB);
    quick?.take(3 * MIB);
    quick?.take(MIB);
    expect([arrived, slow, quick].map((one) => one?.stopped.aborted)).toEqual([false, true, false]);
    slow?.take(MIB);
    expect(budget.bytes).toBeLessThan(8.1 * MIB);
  });

  it("counts the wait from a body's last bytes, not from its first", () => {
    const budget = createBodyBudget(limits);
    const [quick, slow] = [1, 2].map(() => budget.begin(8 * MIB, "too long"));
    quick?.take(3 * MIB);
    slow?.take(3 * MIB);
    quick?.take(3 * MIB);
    quick?.take(2 * MIB);
    expect([quick, slow].map((one) => one?.stopped.aborted)).toEqual([false, true]);
  });

  it("accepts a small body even when the budget is used up, and drops the oldest of too many", () => {
    const budget = createBodyBudget(limits);
    const large = budget.begin(8 * MIB, "too long");
    large.take(8 * MIB);
    large.arrived();
    const other = budget.begin(8 * MIB, "too long");
    other.take(3 * MIB);
    expect(other.stopped.aborted).toBe(true);
    const small = Array.from({ length: 6 }, () => budget.begin(MIB, "too long"));
    for (const one of small) one.take(100);
    expect(small.map((one) => one.stopped.aborted)).toEqual([true, false, false, false, false, false]);
  });

  it("says what the call allows when a body is too long", () => {
    const one = createBodyBudget(limits).begin(MIB, "longer than 1024 KiB");
    one.take(MIB);
    expect(one.stopped.aborted).toBe(false);
    one.take(1);
    expect(one.stopped.reason).toMatchObject({ code: "too-large", message: "longer than 1024 KiB" });
  });

  it("waits for a slow body while 64 KiB arrive at a time, and no longer", () => {
    vi.useFakeTimers();
    const one = createBodyBudget(limits).begin(8 * MIB, "too long");
    for (let n = 0; n < 20; n += 1) {
      vi.advanceTimersByTime(9_000);
      one.take(64 * 1024);
    }
    expect(one.stopped.aborted).toBe(false);
    for (let n = 0; n < 10; n += 1) {
      vi.advanceTimersByTime(1_000);
      one.take(1);
    }
    expect(one.stopped.reason).toMatchObject({
      message: "The body made no progress for 10 seconds. Send it again.",
    });
  });
});
