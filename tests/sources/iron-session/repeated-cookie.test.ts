/** Two cookies with one name, as a browser sends for two paths: iron-session reads the last in Next, the first elsewhere. */
import { createServer, type Server } from "node:http";
import { sealData } from "iron-session";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { ironSession } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen, readTraceId, readTraces } from "../panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

it("are in the trace as neither of them", async () => {
  const password = "a password of these tests, longer than thirty-two";
  const bridge = openBridge(ironSession({ password, cookieName: "iron" }), { enabled: true, log: () => {} });
  const server = createServer((request, response) => bridge(request, response, () => response.end()));
  open.push(bridge, server);
  const base = await listen(server);
  const [first, last] = await Promise.all([1, 2].map((user_id) => sealData({ user_id }, { password })));
  const id = readTraceId(await fetch(base, { headers: { cookie: `iron=${first}; iron=${last}` } }));
  const known = (trace: { incomplete?: string; touched: boolean }) =>
    trace.touched || trace.incomplete === "other";
  const [trace] = await readTraces(base, [first ?? ""], (all) => all.some(known), [id]);
  expect([trace?.before, trace?.incomplete]).toEqual([null, "other"]);
});
