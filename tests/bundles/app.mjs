/** A small application as users write it: it counts visits in a session, in the database that the environment names. */
import { createServer } from "node:http";
import { createSessions, database } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { withSessions } from "session-bridge/node";

const sessions = createSessions({
  secretKey: process.env.SECRET_KEY,
  engine: database(process.env.DATABASE),
});
const bridge = openBridge(sessions, { enabled: process.env.BRIDGE === "open" });

const handler = withSessions(sessions, ({ session }, response) => {
  session["visits"] = (session["visits"] ?? 0) + 1;
  response.end(String(session["visits"]));
});
const server = createServer((request, response) =>
  bridge(request, response, () => handler(request, response)),
);

// a CommonJS bundle has no top-level await
sessions.migrate().then(() => {
  server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
});
