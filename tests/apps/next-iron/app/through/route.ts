/** Reached through `proxy.ts`, which has written before. */
import { getSession } from "../../session.ts";

export async function GET() {
  return Response.json(await getSession());
}
