/** The library inside of Next's own bundle, on a pool that the application imports by itself, so that Next sees it. */
import pg from "pg";
import { createSessions, database, postgres } from "session-bridge";
import { withSession } from "session-bridge/fetch";

export const dynamic = "force-dynamic";

const sessions = createSessions({
  secretKey: process.env.SECRET_KEY,
  engine: database(postgres(new pg.Pool({ connectionString: process.env.DATABASE }))),
});

export const GET = withSession(sessions, (_request, { session }) => {
  session.visits = (session.visits ?? 0) + 1;
  return new Response(`visits=${session.visits};`);
});
