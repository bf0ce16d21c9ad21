/** Hono's two session libraries, and iron-session on bare node:http. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type SessionEnv, useSession, useSessionStorage } from "@hono/session";
import { type Context, Hono } from "hono";
import { MemoryStore, type Session, sessionMiddleware } from "hono-sessions";
import { getIronSession } from "iron-session";
import { AGE_SECONDS, type BenchData, dataOf, entriesOf, FILLS, type Fill, SECRET } from "../data.ts";
import { sendJson, serveHono } from "./bare.ts";
import { listen, type Start } from "./contestant.ts";

interface HonoSessionsEnv {
  Variables: { session: Session<BenchData>; session_key_rotation: boolean };
}

async function startHonoSessions(): Promise<Server> {
  const app = new Hono<HonoSessionsEnv>();
  app.use(
    "*",
    sessionMiddleware({
      store: new MemoryStore(),
      expireAfterSeconds: AGE_SECONDS,
      cookieOptions: { sameSite: "Lax", path: "/", httpOnly: true, maxAge: AGE_SECONDS },
    }),
  );
  app.get("/untouched", (context) => context.json({ ok: true }));
  app.get("/read", (context) => {
    const session = context.get("session");
    return context.json({ user_id: session.get("user_id"), n: session.get("n") });
  });
  app.post("/write", (context) => {
    const session = context.get("session");
    session.set("n", Number(session.get("n")) + 1);
    return context.json({ n: session.get("n") });
  });
  const fill = (what: Fill) => (context: Context<HonoSessionsEnv>) => {
    for (const [key, value] of entriesOf(what)) context.get("session").set(key, value);
    context.set("session_key_rotation", true);
    return context.json({ user_id: 123 });
  };
  for (const [path, data] of FILLS) app.post(path, fill(data));
  return serveHono(app);
}

async function startHonoSession(): Promise<Server> {
  const sessions = new Map<string, string>();
  const app = new Hono<SessionEnv<BenchData>>();
  app.use(
    useSessionStorage({
      delete: (sid) => void sessions.delete(sid),
      get: async (sid) => {
        const text = sessions.get(sid);
        return text === undefined ? null : JSON.parse(text);
      },
      set: (sid, value) => void sessions.set(sid, JSON.stringify(value)),
    }),
    useSession({ secret: SECRET.slice(0, 32), duration: { absolute: AGE_SECONDS } }),
  );
  app.get("/untouched", (context) => context.json({ ok: true }));
  app.get("/read", async (context) => {
    const data = await context.var.session.get();
    return context.json({ user_id: data?.user_id, n: data?.n });
  });
  app.post("/write", async (context) => {
    const data = await context.var.session.get();
    const n = Number(data?.n) + 1;
    await context.var.session.update((previous) => ({ ...dataOf("small"), ...previous, n }));
    return context.json({ n });
  });
  const fill = (what: Fill) => async (context: Context<SessionEnv<BenchData>>) => {
    await context.var.session.update(dataOf(what));
    return context.json({ user_id: 123 });
  };
  for (const [path, data] of FILLS) app.post(path, fill(data));
  return serveHono(app);
}

const iron = { password: SECRET, cookieName: "iron", ttl: AGE_SECONDS, cookieOptions: { secure: false } };

function startIron(): Promise<Server> {
  return listen(createServer((request, response) => void answerIron(request, response)));
}

async function answerIron(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/untouched") return sendJson(response, { ok: true });
  const session = await getIronSession<BenchData>(request, response, iron);
  if (request.url === "/read") return sendJson(response, { user_id: session.user_id, n: session.n });
  if (request.url === "/write") session.n = Number(session.n) + 1;
  const fill = FILLS.get(request.url ?? "/");
  if (fill !== undefined) Object.assign(session, dataOf(fill));
  await session.save();
  sendJson(response, request.url === "/write" ? { n: session.n } : { user_id: 123 });
}

export const START: Record<string, Start> = {
  "hono-sessions": startHonoSessions,
  "hono-session": startHonoSession,
  "iron-session": startIron,
};
