/** Large amounts of data for the measurements and the scrolling tests. */
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";

/** This many past requests in the recorder, each with a trace. */
export function fillHistory(world: MemoryWorld, count: number): void {
  const start = world.now() - count * 10;
  for (let at = 0; at < count; at += 1) {
    const visits = JSON.stringify({ user_id: at % 100, username: `user${at % 100}`, visits: at });
    const trace = world.server.trace({
      id: `crowd-${at}`.padEnd(22, "_"),
      at: start + at * 10,
      before: side(visits),
      after: side(visits.replace(`"visits":${at}`, `"visits":${at + 1}`)),
      changes: at % 3 === 0 ? [{ key: "visits", kind: "changed" }] : [],
    });
    world.history.requests.push({
      id: `past-${at}`,
      at: start + at * 10,
      method: at % 5 === 0 ? "POST" : "GET",
      url: `http://localhost:8000/page/${at}?q=${at}`,
      status: at % 97 === 0 ? 500 : 200,
      type: "document",
      durationMs: at % 200,
      traceId: trace.id,
      sentCookies: ["sessionid"],
      setCookies: [],
      fromCache: false,
      error: null,
    });
  }
}

/** A session of about `bytes` bytes: many keys, some of them branches. */
export function largeSession(bytes: number): string {
  const data: Record<string, unknown> = {};
  let size = 0;
  for (let at = 0; size < bytes; at += 1) {
    const value = { name: `item ${at}`, price: at / 100, tags: ["a", "b", "c"], note: "n".repeat(200) };
    data[`key_${at}`] = value;
    size += JSON.stringify(value).length + 12;
  }
  return JSON.stringify(data);
}

/** This many session cookies with different expiry times. */
export function manyCookies(world: MemoryWorld, count: number): void {
  const now = world.now();
  world.setCookies(
    Array.from({ length: count }, (_, at) =>
      fillCookie({ name: `session_${at}`, value: `v${at}`, expiresAt: now + 3_600_000 + at * 1300 }),
    ),
  );
}

function side(dataJson: string) {
  return { key: "k3v9…x0q2", keyId: "k", dataJson, version: "1", expiresAt: null, truncated: false };
}
