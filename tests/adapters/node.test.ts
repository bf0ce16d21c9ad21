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
  it("answers for a handler that throws, with one plain line that tells nothing of the error", async () => {
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
