/** What only `withSessions`, the handler for bare node:http, does. */
import { cache } from "session-bridge";
import { withSessions } from "session-bridge/node";
import { afterEach, describe, expect, it } from "vitest";
import type { Served } from "./adapter.ts";
import { ask } from "./client.ts";
import { serveListener } from "./node-adapters.ts";
import { sessionsOn } from "./stores.ts";

let served: Served | undefined;
afterEach(() => served?.close());

describe("withSessions", () => {
  it("refuses request.session = null, which logs out in other libraries and would do nothing here", async () => {
    const lines: string[] = [];
    const sessions = { ...sessionsOn(cache("memory:")), log: (line: string) => lines.push(line) };
    served = await serveListener(
      withSessions(sessions, (request, response) => {
        Object.assign(request, { session: null });
        response.end("logged out");
      }),
    );
    expect((await ask(served.port, "/")).status).toBe(500);
    expect(lines).toEqual([expect.stringContaining("await request.session.flush()")]);
  });

  it("responds for a handler that throws, with one plain line that reveals nothing about the error", async () => {
    const sessions = sessionsOn(cache("memory:"));
    served = await serveListener(
      withSessions(sessions, () => {
        throw new Error("out of ink");
      }),
    );
    const seen = await ask(served.port, "/");
    expect([seen.status, seen.body]).toEqual([500, "Internal Server Error\n"]);
  });
});
