/** A site with separate sessions, over node:http. */
import { createSessions, type Engine, type Sessions, type SessionsOptions } from "session-bridge";
import type { Page, Served } from "./adapter.ts";
import { NODE_ADAPTERS } from "./node-adapters.ts";
import { SECRET_KEY } from "./stores.ts";

/** Serves pages; `close` closes the sessions, too. */
export async function serveKept(
  engine: Engine,
  pages: Record<string, Page>,
  settings: Partial<SessionsOptions> = {},
): Promise<Served & { sessions: Sessions }> {
  const sessions = createSessions({ secretKey: SECRET_KEY, engine, log: () => {}, ...settings });
  await sessions.migrate();
  const [adapter] = NODE_ADAPTERS;
  if (adapter === undefined) throw new Error("there is no adapter");
  const { port, close } = await adapter.serve({ sessions, pages });
  return {
    port,
    sessions,
    async close() {
      await close();
      await sessions.close();
    },
  };
}
