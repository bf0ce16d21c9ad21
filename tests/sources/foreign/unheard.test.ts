/** An app whose calls were never heard: its traces do not say that a request left the session alone. */
import { createServer, type Server } from "node:http";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { authJs } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { listen, readTraceId, readTraces } from "../panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const KEY = "0b2c3d4e-1111-4222-8333-944445555666";
const NAME = "authjs.session-token";

/** The table and the contract of an adapter of Auth.js. */
function createTable() {
  const rows = new Map<string, { sessionToken: string; userId: string; expires: Date }>();
  const store = async (row: { sessionToken: string; userId: string; expires: Date }) =>
    void rows.set(row.sessionToken, row);
  return {
    store,
    getSessionAndUser: async (key: string) => {
      const session = rows.get(key);
      return session === undefined ? null : { session, user: { id: session.userId, name: "john_doe" } };
    },
  };
}

it.each([
  ["logs in", {}],
  ["reads its session", { cookie: `${NAME}=${KEY}` }],
])("a request that %s in an app without traceAuthJs may have calls missing", async (does, headers) => {
  const table = createTable();
  const row = { sessionToken: KEY, userId: "123", expires: new Date(Date.now() + 600_000) };
  if (does !== "logs in") await table.store(row);
  const bridge = openBridge(authJs({ adapter: { getSessionAndUser: table.getSessionAndUser } }), {
    enabled: true,
    log: () => {},
  });
  const act = async () => {
    if (does !== "logs in") return table.getSessionAndUser(KEY);
    return table.store(row);
  };
  const server = createServer((request, response) =>
    bridge(request, response, () => {
      void act().then(() => {
        if (does === "logs in") response.setHeader("set-cookie", `${NAME}=${KEY}; Path=/; HttpOnly`);
        response.end();
      });
    }),
  );
  open.push(bridge, server);
  const base = await listen(server);
  const id = readTraceId(await fetch(base, { headers }));
  const [trace] = await readTraces(base, [KEY], (all) => all.length > 0, [id]);
  expect(trace?.incomplete).toBe("other");
});
