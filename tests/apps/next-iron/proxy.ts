/** Counts visits of one path, before its route sees the request. */
import { getIronSession, nextProxyCookies } from "iron-session";
import { type NextRequest, NextResponse } from "next/server";
import { traceIronSession } from "session-bridge/sources";
import { options, type SessionData } from "./session.ts";

export async function proxy(request: NextRequest) {
  const response = NextResponse.next();
  const found = await getIronSession<SessionData>(nextProxyCookies(request, response), options);
  const session = traceIronSession(found);
  session.seen = (session.seen ?? 0) + 1;
  await session.save();
  return response;
}

export const config = { matcher: "/through" };
