/** JSON from a route handler that changes the session. */
import { countVisit, FILLING } from "../visits.js";

export const dynamic = "force-dynamic";

export function GET() {
  return Response.json({ text: `visits=${countVisit()};`, filling: FILLING });
}
