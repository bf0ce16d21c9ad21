/** @fastify/session in memory and on Redis. */
import type { Server } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import { RedisStore } from "connect-redis";
import Fastify, { type FastifyRequest } from "fastify";
import { createClient } from "redis";
import { AGE_SECONDS, entriesOf, FILLS, type Fill, SECRET } from "../data.ts";
import type { Places, Start } from "./contestant.ts";

type Data = Record<string, unknown>;

function startWith(useRedis: boolean) {
  return async ({ redisUrl, id }: Places): Promise<Server> => {
    const app = Fastify();
    app.register(fastifyCookie);
    app.register(fastifySession, {
      secret: SECRET,
      saveUninitialized: false,
      rolling: false,
      cookie: { maxAge: AGE_SECONDS * 1000, secure: false },
      ...(useRedis ? { store: await redisStore(redisUrl, id) } : {}),
    });
    app.get("/untouched", async () => ({ ok: true }));
    app.get("/read", async (request) => {
      const data = dataOf(request);
      return { user_id: data["user_id"], n: data["n"] };
    });
    app.post("/write", async (request) => {
      const data = dataOf(request);
      data["n"] = Number(data["n"]) + 1;
      return { n: data["n"] };
    });
    const fill = (what: Fill) => async (request: FastifyRequest) => {
      await request.session.regenerate();
      for (const [key, value] of entriesOf(what)) dataOf(request)[key] = value;
      return { user_id: 123 };
    };
    for (const [path, data] of FILLS) app.post(path, fill(data));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.server;
  };
}

async function redisStore(url: string, id: string): Promise<RedisStore> {
  const client = createClient({ url });
  await client.connect();
  return new RedisStore({ client, prefix: `${id}:` });
}

function dataOf(request: FastifyRequest): Data {
  return request.session as unknown as Data; // the pages' keys are not declared on the session
}

export const START: Record<string, Start> = {
  "fastify-session-memory": startWith(false),
  "fastify-session-redis": startWith(true),
};
