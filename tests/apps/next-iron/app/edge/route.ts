/** Writes to the session outside of Node. */
import { getSession } from "../../session.ts";

export const runtime = "edge";

export async function POST() {
  const session = await getSession();
  session.seen = 5;
  await session.save();
  return Response.json(session);
}
