/** A Node service with the library that accepts the same operations as this folder's Django project. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { withSessions } from "../../server-bridge/src/adapters/node.ts";
import type { Expiry } from "../../server-bridge/src/core/django/expiry.ts";
import type { Session, SessionShape } from "../../server-bridge/src/core/session/api.ts";
import {
  createSessions,
  type Sessions,
  type SessionsOptions,
} from "../../server-bridge/src/core/sessions.ts";
import { browse, type Service } from "./service.ts";

/** As in `django-project/settings.py`. */
export const SECRET = "the secret that Django and Node share in these tests";

export interface NodeService extends Service {
  readonly sessions: Sessions;
}

/** Starts the service with Django's own defaults, and resolves when it listens. */
export async function startNode(
  options: Omit<SessionsOptions, "secretKey"> & Partial<SessionsOptions>,
): Promise<NodeService> {
  const sessions = createSessions({ djangoDefaults: true, secretKey: SECRET, ...options });
  const complaints: string[] = [];
  const handler: Parameters<typeof withSessions<SessionShape>>[1] = async (request, response) => {
    try {
      const operations: unknown[][] = JSON.parse(await text(request));
      const results: unknown[] = [];
      for (const [name, ...args] of operations)
        results.push(await operate(request.session, String(name), args));
      // integers beyond 2^53 are bigint, which JSON cannot write
      response.end(JSON.stringify(results, (_, value) => (typeof value === "bigint" ? `${value}` : value)));
    } catch (error) {
      complaints.push(String(error instanceof Error ? error.stack : error));
      throw error;
    }
  };
  const server = createServer(withSessions(sessions, handler));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    ...browse(`http://127.0.0.1:${port}`, () => complaints.join("\n")),
    sessions,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sessions.close();
    },
  };
}

async function operate(session: Session, name: string, [first, second]: unknown[]): Promise<unknown> {
  const key = String(first);
  switch (name) {
    case "set":
      return session.set(key, second);
    case "delete":
      return session.delete(key);
    case "items":
      return session.toJSON();
    case "set_expiry":
      return session.setExpiry(toExpiry(first));
    case "expiry":
      return {
        age: session.getExpiryAge(),
        date: session.getExpiryDate().toISOString(),
        browser_close: session.getExpireAtBrowserClose(),
      };
    case "cycle_key":
      return session.cycleKey();
    case "flush":
      return session.flush();
    case "key":
      return session.sessionKey;
    default:
      throw new Error(`[tests] no operation ${name}`);
  }
}

/** A number, null, or `{"datetime": ISO text}`. */
function toExpiry(spec: unknown): Expiry {
  if (typeof spec === "object" && spec !== null && "datetime" in spec) return new Date(String(spec.datetime));
  return typeof spec === "number" ? spec : null;
}
