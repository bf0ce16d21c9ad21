/** The library inside of Next's own bundle: the key in Next's own cookie, the session opened by hand. */
import { cookies } from "next/headers";
import { cookieOf, createSessions, database } from "session-bridge";

export const dynamic = "force-dynamic";

const sessions = createSessions({
  secretKey: process.env.SECRET_KEY,
  engine: database(process.env.DATABASE),
});

export async function GET() {
  const jar = await cookies();
  const session = sessions.open(sessions.keyOf(jar.get("sessionid")?.value ?? ""));
  await session.load();
  session.visits = (session.visits ?? 0) + 1;
  await session.save();
  const { name, value, options } = cookieOf(sessions, session);
  jar.set(name, value, options);
  return new Response(`visits=${session.visits};`);
}
