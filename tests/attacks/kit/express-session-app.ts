/** An app on express-session with its store in memory, at which the victim and the attacker have visited. */
import expressSessions from "express-session";
import { expressSession } from "session-bridge/sources";
import { readCookie } from "../../sources/panel-client.ts";
import { dataOf, startApp } from "./express-app.ts";
import { CANARY } from "./scene.ts";

const secret = "a secret of the app, longer than thirty-two characters";

interface ExpressSessionApp {
  base: string;
  store: InstanceType<typeof expressSessions.MemoryStore>;
  /** Raw cookies. */
  victims: string;
  own: string;
  /** The id in a raw cookie. */
  idOf(cookie: string): string;
  /** A request with a cookie; empty for none. */
  visit(path: string, cookie?: string): Promise<Response>;
}

/** Starts the app. Its `/?note=` keeps a text; `handle` sees every request first. */
export async function startExpressSession(
  handle: (request: object, path: string) => void | Promise<void> = () => {},
): Promise<ExpressSessionApp> {
  const store = new expressSessions.MemoryStore();
  const base = await startApp(expressSession({ secret }), (app) => {
    app.use(expressSessions({ secret, store, resave: false, saveUninitialized: false }));
    app.use(async (request, response) => {
      const { note } = request.query;
      if (note !== undefined) dataOf(request)["note"] = String(note);
      await handle(request, request.path);
      response.send("done");
    });
  });
  const visit = (path: string, cookie = "") =>
    fetch(base + path, { headers: cookie === "" ? {} : { cookie: `connect.sid=${cookie}` } });
  const begin = async (note: string) =>
    readCookie(await visit(`/?note=${encodeURIComponent(note)}`), "connect.sid");
  return {
    base,
    store,
    visit,
    victims: await begin(CANARY),
    own: await begin("of the attacker"),
    idOf: (cookie) => /^s:(.*)\./.exec(decodeURIComponent(cookie))?.[1] ?? "",
  };
}
