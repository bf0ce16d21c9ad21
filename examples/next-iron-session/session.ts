/** The session of the request that is answered, as iron-session's documentation has it. */
import { getIronSession } from "iron-session";
import { cookies } from "next/headers";
import { traceIronSession } from "session-bridge/sources";

export const options = {
  password: process.env.SESSION_PASSWORD ?? "known to everyone, so good for this demo only",
  cookieName: "shop-session",
  cookieOptions: { secure: process.env.NODE_ENV === "production" },
};

export async function getSession() {
  return traceIronSession(await getIronSession<{ userId: number; cart: string[] }>(await cookies(), options));
}
