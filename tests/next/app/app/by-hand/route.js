/** The library inside of Next's own bundle: the key in Next's own cookie, the session opened by hand. */
import { cookies } from "next/headers";
import { createSessions, database } from "session-bridge";

export const dynamic = "force-dynamic";

const sessions = createSessions({
  secretKey: process.env.SECRET_KEY,
  engine: database(process.env.DATABASE),
});

export async function GET() {
  const jar = await cookies();
  const session = sessions.open(jar.get("sessionid")?.value);
  await session.load();
  session.visits = (session.visits ?? 0) + 1;
  await session.save();
  jar.set("sessionid", session.sessionKey, { httpOnly: true, sameSite: "lax" });
  return new Response(`visits=${session.visits};`);
}
