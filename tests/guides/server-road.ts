/** One value on the server: a handler writes it, the next request reads it, and a panel learns of both. */
import { createServer } from "node:http";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { listen } from "../bridge/stream.ts";
import { VALUE } from "./follow-value.ts";

/** Plays it on a node:http site with SQLite and the bridge. */
export async function run(): Promise<void> {
  const sessions = createSessions({
    secretKey: "only for this road",
    engine: database("sqlite::memory:"),
    log: () => {},
  });
  await sessions.migrate();
  const bridge = openBridge(sessions, { enabled: true, log: () => {} });
  const middleware = sessionMiddleware(sessions);
  const server = createServer((request, response) =>
    bridge(request, response, () =>
      middleware(request, response, () => {
        if (request.url === "/write") request.session["cart"] = VALUE;
        response.end(String(request.session["cart"]));
      }),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    const written = await fetch(`${origin}/write`);
    const cookie = written.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const panel = await listen({ origin }, { cookies: [cookie.split("=")[1] ?? ""] });
    await fetch(`${origin}/read`, { headers: { cookie } });
    await panel.trace("/read");
    panel.close();
  } finally {
    server.closeAllConnections();
    server.close();
    await sessions.close();
  }
}
