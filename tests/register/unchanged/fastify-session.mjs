/** An app on @fastify/session, which knows nothing of the bridge. */
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import Fastify from "fastify";

const app = Fastify();
await app.register(fastifyCookie);
await app.register(fastifySession, {
  secret: "a secret of more than thirty-two characters",
  saveUninitialized: false,
  cookie: { secure: false },
});
app.post("/login", async (request) => {
  request.session.user_id = 123;
  return "done";
});
app.get("/", async (request) => `You are ${request.session.user_id ?? "a guest"}.`);
console.log(await app.listen({ port: 0, host: "127.0.0.1" }));
