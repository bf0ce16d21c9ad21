/** One source in two bridges, as when a development server attaches it again and closes the first bridge after that. */
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

it("is still followed by the second bridge once the first is closed", async () => {
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
  const first = openBridge(source, { enabled: true, log: () => {} });
  const second = openBridge(source, { enabled: true, log: () => {} });
  first.close();
  const server = createServer((request, response) =>
    second(request, response, () => {
      for (const calls of told) calls.loaded(KEY, session);
      response.end();
    }),
  );
  open.push(second, server);
  const base = await listen(server);
  const id = readTraceId(await fetch(base, { headers: { cookie: `session=${KEY}` } }));
  const [trace] = await readTraces(base, [KEY], (all) => all.length > 0, [id]);
  expect(trace?.operations.map(({ name }) => name)).toEqual(["load"]);
});
