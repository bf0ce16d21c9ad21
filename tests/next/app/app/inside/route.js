/** The library inside of Next's own bundle: a route handler with the adapter for fetch. */
import { createSessions, database } from "session-bridge";
import { withSession } from "session-bridge/fetch";

export const dynamic = "force-dynamic";

const sessions = createSessions({
  secretKey: process.env.SECRET_KEY,
  engine: database(process.env.DATABASE),
});

export const GET = withSession(sessions, (_request, { session }) => {
  session.visits = (session.visits ?? 0) + 1;
  return new Response(`visits=${session.visits};`);
});
