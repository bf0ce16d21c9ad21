/** A server on session-bridge's own sessions, without the bridge; with `BRIDGE` set, with it. */
import { createServer } from "node:http";
import { cache, createSessions } from "session-bridge";
import { withSessions } from "session-bridge/node";

const sessions = createSessions({
  secretKey: "a secret of fifty characters, for this app alone..",
  engine: cache("memory:"),
});
if (process.env.BRIDGE) (await import("session-bridge/bridge")).openBridge(sessions);
const server = createServer(withSessions(sessions, (_request, response) => response.end("You are a guest.")));
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
