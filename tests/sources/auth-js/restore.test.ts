/** Putting back a session of Auth.js that the adapter refuses to create: the one that is there stays. */
import { createServer, type Server } from "node:http";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { authJs } from "session-bridge/sources";
import { afterEach, expect, it } from "vitest";
import { call, listen } from "../panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const KEY = "0b2c3d4e-1111-4222-8333-944445555666";
interface Row {
  sessionToken: string;
  userId: string;
  expires: Date;
  createdAt?: Date;
}

/** As Drizzle has it: a column of the app's that takes a Date only. */
function createAdapter() {
  const rows = new Map<string, Row>();
  return {
    rows,
    getSessionAndUser: async (key: string) => {
      const session = rows.get(key);
      return session === undefined ? null : { session, user: { id: session.userId } };
    },
    createSession: async (row: Row) => {
      row.createdAt?.toISOString();
      rows.set(row.sessionToken, row);
      return row;
    },
    deleteSession: async (key: string) => void rows.delete(key),
  };
}

it("does not log the user out", async () => {
  const adapter = createAdapter();
  const expires = new Date(Date.now() + 600_000);
  await adapter.createSession({ sessionToken: KEY, userId: "123", expires, createdAt: new Date() });
  const bridge = openBridge(authJs({ adapter }), { enabled: true, allowEdit: true, log: () => {} });
  const server = createServer((request, response) => bridge(request, response, () => response.end()));
  open.push(bridge, server);
  const base = await listen(server);
  const { answer } = await call(base, "session", { protocol: 1, cookie: KEY, keep: true });
  if (!answer.found || answer.kept === undefined) throw new Error("nothing was kept");
  const { status } = await call(base, "restore", {
    protocol: 1,
    cookie: KEY,
    kept: answer.kept,
    replaces: null,
  });
  expect([status, ...adapter.rows.keys()]).toEqual([500, KEY]);
});
