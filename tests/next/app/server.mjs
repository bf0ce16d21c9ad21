/** Next's production server behind `withSessions`, as its guide for custom servers has it. */
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer } from "node:http";
import next from "next";
import { createSessions, database } from "session-bridge";
import { withSessions } from "session-bridge/node";

// Next's pages are bundled separately from this file, so they reach the request's session through this.
globalThis.currentSession = new AsyncLocalStorage();

const sessions = createSessions({
  secretKey: process.env.SECRET_KEY,
  engine: database(process.env.DATABASE),
});
await sessions.migrate();

const app = next({ dev: false, dir: import.meta.dirname });
const handle = app.getRequestHandler();
await app.prepare();

const server = createServer(
  withSessions(sessions, (request, response) =>
    globalThis.currentSession.run(request.session, () => handle(request, response)),
  ),
);
server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
