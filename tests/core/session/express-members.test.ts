/** Members of express-session: each works here, or is an error that names what to write instead. */
import express from "express";
import { cache, createSessions, fromExpressStore, memory, type Session } from "session-bridge";
import { sessionMiddleware } from "session-bridge/node";
import { describe, expect, it } from "vitest";
import { listen, MemoryStore, type MovingApp } from "../engines/moving-apps.ts";
import { library } from "../library.ts";

const MEMBERS = ["id", "cookie", "destroy", "reload", "touch", "resetMaxAge"];

const INSTEAD: Record<string, string> = {
  id: "session.id is express-session's. Read session.sessionKey.",
  cookie: "session.cookie is express-session's. Call session.setExpiry(seconds) for its maxAge",
  destroy: "session.destroy is express-session's. Call await session.flush().",
  reload: "session.reload is express-session's. Open the session again: sessions.open(session.sessionKey)",
  touch: "session.touch is express-session's. Set session.modified = true.",
  resetMaxAge: "session.resetMaxAge is express-session's. Set session.modified = true.",
};

describe.each(MEMBERS)("session.%s of express-session", (name) => {
  it("is an error that names what to write instead", () => {
    const session = library().sessions.open();
    expect(() => Reflect.get(session, name)).toThrow(TypeError);
    expect(() => Reflect.get(session, name)).toThrow(INSTEAD[name]);
    expect(() => Reflect.get(session, name)).toThrow(`For data of that name, call session.get("${name}").`);
  });

  it("is data like any other if the session has it", async () => {
    const { request, read } = library();
    const { cookie } = await request((session) => {
      expect([session.get(name), session.has(name), name in session]).toEqual([undefined, false, false]);
      session.set(name, "mine");
      expect(session[name]).toBe("mine");
      session[name] = 0;
      expect(session[name]).toBe(0);
    });
    await request(
      (session) => {
        expect([session[name], session.get(name), { ...session }]).toEqual([0, 0, { [name]: 0 }]);
      },
      { cookie: cookie ?? "" },
    );
    expect(await read(cookie ?? "")).toEqual({ [name]: 0 });
  });
});

describe("a callback", () => {
  const called = (call: (session: Session, done: (error?: unknown) => void) => unknown) =>
    new Promise((resolve, reject) => {
      const session = createSessions({ secretKey: "any", engine: cache(memory()) }).open();
      session.set("n", 1);
      call(session, (error) => (error ? reject(error) : resolve("called")));
    });

  it.each(["save", "flush", "regenerate", "cycleKey", "load"] as const)("of %s is called", async (name) => {
    expect(await called((session, done) => session[name](done))).toBe("called");
  });

  it.each(["save", "flush", "regenerate", "cycleKey"] as const)(
    "of %s receives the failure, which then is not the response's",
    async (name) => {
      const broken = fromExpressStore({
        get: (id, answer) => answer(null, id === "abcdefgh" ? { n: 1 } : null),
        set: (_id, _session, answer) => answer?.(new Error("full")),
        destroy: (_id, answer) => answer?.(new Error("full")),
      });
      const session = createSessions({ secretKey: "any", engine: broken }).open("abcdefgh");
      await session.load();
      session.set("n", 2);
      const error = await new Promise((resolve) => session[name](resolve));
      expect(error).toMatchObject({ code: "engine", cause: { message: "full" } });
    },
  );

  it.each(["create", "deleteStored", "exists"] as const)("of %s is an error", async (name) => {
    const session = createSessions({ secretKey: "any", engine: cache(memory()) }).open();
    const wrong = async () => Reflect.apply(session[name], session, [() => {}]);
    await expect(wrong()).rejects.toThrow(`session.${name}() takes no callback. Await it.`);
  });
});

describe("the request of an app that comes from express-session", () => {
  it.each([
    ["sessionID", "Read request.session.sessionKey."],
    ["sessionStore", "Use the store that you passed to fromExpressStore()."],
  ])("has no %s, and says so", async (name, instead) => {
    const engine = fromExpressStore(new MemoryStore(), { secret: "a secret" });
    const app = await startReading(createSessions({ secretKey: "any", engine }), name);
    expect(await read(app)).toBe(`[session-bridge] request.${name} is express-session's. ${instead}`);
    await app.stop();
    const other = await startReading(createSessions({ secretKey: "any", engine: cache(memory()) }), name);
    expect(await read(other)).toBe("undefined");
    await other.stop();
  });
});

function startReading(sessions: Parameters<typeof sessionMiddleware>[0], name: string): Promise<MovingApp> {
  const app = express();
  app.use(sessionMiddleware(sessions) as express.RequestHandler);
  app.get("/", (request, response) => {
    try {
      response.send(String(Reflect.get(request, name)));
    } catch (error) {
      response.send(error instanceof Error ? error.message : "");
    }
  });
  return listen(app);
}

async function read({ origin }: MovingApp): Promise<string> {
  return (await fetch(origin)).text();
}
