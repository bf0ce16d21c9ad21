/** The session in Next's own cookie, for server actions and pages, as the documentation has it. */
import { cookies } from "next/headers";
import { cookieOf, createSessions, signedCookies } from "session-bridge";

/** Signed, so that what Next does to a value matters: it writes a colon as `%3A`. */
export const sessions = createSessions({ secretKey: process.env.SECRET_KEY, engine: signedCookies() });

/** The visitor's session, or a new one. */
export async function readSession() {
  const jar = await cookies();
  const session = sessions.open(sessions.keyOf(jar.get(sessions.settings.cookieName)?.value ?? ""));
  await session.load();
  return session;
}

/** Gives the browser the session's cookie, or takes it away. */
export async function sendCookie(session) {
  const { name, value, options } = cookieOf(sessions, session);
  (await cookies()).set(name, value, options);
}
