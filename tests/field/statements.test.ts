/** How often one request asks its store: what the distance to it costs is this number times the way there and back. */
import { createServer } from "node:http";
import pg from "pg";
import { createClient } from "redis";
import { cache, createSessions, database, type Engine, postgres, redis } from "session-bridge";
import { withSessions } from "session-bridge/node";
import { describe, expect, it } from "vitest";
import { hasRedis, startRedis } from "../core/engines/redis-server.ts";
import { makePostgresDatabase, servers } from "../core/engines/servers.ts";

/** Serves one visitor's requests; returns how often each asked. @param count how often the store was asked so far */
async function countRequests(engine: Engine, count: () => number): Promise<Record<string, number>> {
  const sessions = createSessions({ secretKey: "a secret", engine });
  await sessions.migrate();
  const server = createServer(
    withSessions(sessions, async ({ session, url }, response) => {
      if (url === "/read") session.get("visits");
      if (url === "/write") session.set("visits", 1 + Number(session.get("visits") ?? 0));
      if (url === "/login") {
        session.set("user_id", Number(session.get("visits")));
        await session.cycleKey();
      }
      if (url === "/logout") await session.flush();
      response.end();
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(null)));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const counts: Record<string, number> = {};
  let cookie = "";
  for (const path of ["first", "login", "read", "write", "login", "logout"]) {
    const before = count();
    const url = `http://127.0.0.1:${port}/${path === "first" ? "write" : path}`;
    const response = await fetch(url, { headers: { cookie } });
    await response.text();
    cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    counts[path] = count() - before; // the second login: at the first, the kind of the table is asked for, once
  }
  server.closeAllConnections();
  server.close();
  await sessions.close();
  return counts;
}

describe("a request asks", () => {
  it.skipIf(!servers.postgres)("PostgreSQL once to read, twice to write, three times to log in", async () => {
    const place = await makePostgresDatabase();
    const pool = new pg.Pool({ connectionString: place.address });
    let count = 0;
    const counted = {
      query(statement: { text: string; values?: unknown[] }) {
        count++;
        return pool.query(statement);
      },
    };
    const counts = await countRequests(database(postgres(counted)), () => count);
    expect(counts).toEqual({ first: 1, read: 1, write: 2, login: 3, logout: 2 });
    await pool.end();
    await place.remove();
  });

  it.skipIf(!hasRedis)("Redis once to read, twice to write, four times to log in", async () => {
    const server = await startRedis();
    const client = await createClient({ url: server.address }).connect();
    let count = 0;
    const counted = new Proxy(client, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          count++;
          return member.apply(target, args);
        };
      },
    });
    const counts = await countRequests(cache(redis(counted)), () => count);
    expect(counts).toMatchObject({ read: 1, write: 2, login: 4, logout: 2 });
    client.destroy();
    await server.stop();
  });
});
