/** What a visitor does, by the last part of the address; every `GET` says what the session holds, and how it looks from outside. */
import { setImmediate } from "node:timers/promises";
import { getSession } from "../../session.ts";

type Session = Awaited<ReturnType<typeof getSession>>;

const acts: Record<string, (session: Session, given: URLSearchParams) => unknown> = {
  login(session, given) {
    session.userId = Number(given.get("user"));
  },
  async cart(session, given) {
    for (let turn = 0; turn < 5; turn++) await setImmediate(); // other requests are answered meanwhile
    session.cart = [...(session.cart ?? []), given.get("item") ?? ""];
  },
  big(session, given) {
    const length = Number(given.get("length"));
    if (length === 0) delete session.note;
    else session.note = "n".repeat(length);
  },
  broken(session) {
    session.seen = 1;
    throw new Error("broken on purpose");
  },
};

export async function POST(request: Request, { params }: { params: Promise<{ act: string }> }) {
  const { act } = await params;
  const session = await getSession();
  if (act === "logout") session.destroy();
  else {
    await acts[act]?.(session, new URL(request.url).searchParams);
    await session.save();
  }
  return Response.json(session);
}

export async function GET() {
  const session = await getSession();
  const own = Object.getOwnPropertyNames(session);
  return Response.json({ session, own, keys: Object.keys(session), isObject: session instanceof Object });
}
