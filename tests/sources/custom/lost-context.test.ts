/** A table behind a driver whose callbacks run in the context in which its connection was opened: by the bridge's first call. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { type CustomCalls, customSource } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen, readTraceId, readTraces } from "../panel-client.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const KEY = "abcdefgh12345678";
const SESSION = { data: { user_id: 123 }, expiresAt: null };

/** Answers each question, in order, on one connection that is opened with the first. */
async function startDriver() {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => void sockets.add(socket.pipe(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  const waiting: (() => void)[] = [];
  let connection: Socket | undefined;
  open.push(server, { close: () => connection?.destroy() });
  return (answered: () => void) => {
    connection ??= connect(port, "127.0.0.1").on("data", (bytes) => {
      for (const _ of bytes) waiting.shift()?.();
    });
    waiting.push(answered);
    connection.write("?");
  };
}

it("leaves no trace that says that the request did not read its session", async () => {
  const ask = await startDriver();
  const told = new Set<CustomCalls>();
  const source = customSource({
    name: "session table",
    cookieName: "session",
    toKey: (cookie) => new Promise((resolve) => ask(() => resolve(cookie))),
    load: (key) => (key === KEY ? SESSION : null),
    watch(calls) {
      told.add(calls);
      return () => told.delete(calls);
    },
  });
  const bridge: Bridge = openBridge(source, { enabled: true, log: () => {} });
  const server: Server = createServer((request, response) =>
    bridge(request, response, () =>
      // a question that is answered together with the bridge's cannot be told from it, so this is the app's second one
      ask(() =>
        ask(() => {
          for (const calls of told) calls.loaded(KEY, SESSION);
          response.end();
        }),
      ),
    ),
  );
  open.push(bridge, server);
  const base = await listen(server);
  for (const calls of told) calls.loaded(KEY, SESSION); // at the app's start, in no request
  for (const _ of [1, 2]) {
    const id = readTraceId(await fetch(base, { headers: { cookie: `session=${KEY}` } }));
    const traces = await readTraces(
      base,
      [KEY],
      (all) => all.some((one) => one.id === id && one.incomplete !== "unfinished"),
      [id],
    );
    const trace = traces.find((one) => one.id === id);
    expect(trace?.touched === true || trace?.incomplete !== undefined).toBe(true);
  }
});
