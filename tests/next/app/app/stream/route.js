/** A response in many pieces, each in a separate turn, by a route handler that changes the session before the first. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { countVisit, FILLING } from "../visits.js";

export const dynamic = "force-dynamic";

export function GET() {
  const pieces = [`visits=${countVisit()};`, ...Array.from({ length: 16 }, () => FILLING)];
  const encoder = new TextEncoder();
  const stream = new ReadableStream({
    async pull(controller) {
      await nextTurn();
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(encoder.encode(piece));
    },
  });
  return new Response(stream, { headers: { "content-type": "text/plain" } });
}
