/** The session of the example, which may be split over several cookies here. */
import { getIronSession } from "iron-session";
import { cookies } from "next/headers";
import { traceIronSession } from "session-bridge/sources";

export interface SessionData {
  userId: number;
  cart: string[];
  note: string;
  seen: number;
}

export const options = {
  password: process.env.SESSION_PASSWORD ?? "known to everyone, so good for these tests only",
  cookieName: "shop-session",
  cookieOptions: { secure: false },
  chunk: true,
};

export async function getSession() {
  const session = await getIronSession<SessionData>(await cookies(), options);
  return traceIronSession(session);
}
