/** koa-session with a Map and with Redis as its external store. */
import { createServer, type Server } from "node:http";
import Koa from "koa";
import createSession from "koa-session";
import { createClient } from "redis";
import { AGE_SECONDS, entriesOf, FILLS, SECRET } from "../data.ts";
import { listen, type Places, type Start } from "./contestant.ts";

type Data = Record<string, unknown>;
interface ExternalStore {
  get(key: string): Promise<Data | undefined>;
  set(key: string, data: Data): Promise<void>;
  destroy(key: string): Promise<void>;
}

function startWith(makeStore: (places: Places) => Promise<ExternalStore>) {
  return async (places: Places): Promise<Server> => {
    const app = new Koa();
    app.keys = [SECRET];
    app.use(createSession({ maxAge: AGE_SECONDS * 1000, store: await makeStore(places) }, app));
    app.use(async (context) => {
      const { path } = context;
      if (path === "/untouched") {
        context.body = { ok: true };
        return;
      }
      const session = context.session as Data & { regenerate(): Promise<void> }; // typed as any-keyed by koa-session
      if (path === "/read") context.body = { user_id: session["user_id"], n: session["n"] };
      if (path === "/write") {
        session["n"] = Number(session["n"]) + 1;
        context.body = { n: session["n"] };
      }
      const fill = FILLS.get(path);
      if (fill !== undefined) {
        for (const [key, value] of entriesOf(fill)) session[key] = value;
        await session.regenerate();
        context.body = { user_id: 123 };
      }
    });
    return listen(createServer(app.callback()));
  };
}

/** As memory stores do: strings in a Map, parsed for each request, so that requests do not share an object. */
async function memoryStore(): Promise<ExternalStore> {
  const texts = new Map<string, string>();
  return {
    get: async (key) => {
      const text = texts.get(key);
      return text === undefined ? undefined : JSON.parse(text);
    },
    set: async (key, data) => void texts.set(key, JSON.stringify(data)),
    destroy: async (key) => void texts.delete(key),
  };
}

async function redisStore({ redisUrl, id }: Places): Promise<ExternalStore> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  return {
    get: async (key) => {
      const text = await client.get(`${id}:${key}`);
      return text === null ? undefined : JSON.parse(text);
    },
    set: async (key, data) =>
      void (await client.set(`${id}:${key}`, JSON.stringify(data), { EX: AGE_SECONDS })),
    destroy: async (key) => void (await client.del(`${id}:${key}`)),
  };
}

export const START: Record<string, Start> = {
  "koa-session-memory": startWith(memoryStore),
  "koa-session-redis": startWith(redisStore),
};
