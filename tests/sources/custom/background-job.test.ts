/** What an app does to sessions outside of every request: a job, or the handshake of a WebSocket. */
import { createServer, type Server } from "node:http";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { type CustomCalls, customSource } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen, readTraceId, readTraces } from "../panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const KEY = "abcdefgh12345678";

it("is in no request's trace, also if the only open request shows the same session", async () => {
  const told = new Set<CustomCalls>();
  const session = { data: { user_id: 123 }, expiresAt: null };
  const source = customSource({
    name: "session table",
    cookieName: "session",
    toKey: (cookie) => cookie,
    load: (key) => (key === KEY ? session : null),
    watch(calls) {
      told.add(calls);
      return () => told.delete(calls);
    },
  });
  const bridge = openBridge(source, { enabled: true, log: () => {} });
  const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = createServer((request, response) =>
    bridge(request, response, () => {
      arrived.resolve();
      void released.promise.then(() => response.end("events"));
    }),
  );
  open.push(bridge, server);
  const base = await listen(server);
  const visit = fetch(base, { headers: { cookie: `session=${KEY}` } });
  await arrived.promise;
  for (const calls of told) calls.loaded(KEY, session);
  released.resolve();
  const id = readTraceId(await visit);
  const [trace] = await readTraces(base, [KEY], (all) => all.length > 0, [id]);
  expect([trace?.operations, trace?.incomplete]).toEqual([[], "contexts"]);
});
