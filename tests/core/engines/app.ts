/** A server of node:http with sessions, on a free port. */
import { createServer } from "node:http";
import { withSessions } from "../../../server-bridge/src/adapters/node.ts";
import type { SessionShape } from "../../../server-bridge/src/core/session/api.ts";
import type { Sessions } from "../../../server-bridge/src/core/sessions.ts";

export type Handler = Parameters<typeof withSessions<SessionShape>>[1];

export interface App {
  readonly sessions: Sessions;
  readonly origin: string;
  /** Also ends the sessions' connections. */
  stop(): Promise<void>;
}

/** Starts it and resolves when it listens. */
export async function startApp(sessions: Sessions, handler: Handler): Promise<App> {
  const server = createServer(withSessions(sessions, handler)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    sessions,
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sessions.close();
    },
  };
}
