/** An app on @fastify/secure-session, which knows nothing of the bridge. */
const Fastify = require("fastify");
const secureSession = require("@fastify/secure-session");

const app = Fastify();
app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: "/" } });
app.post("/login", async (request) => {
  request.session.set("user_id", 123);
  return "done";
});
app.get("/", async (request) => `You are ${request.session.get("user_id") ?? "a guest"}.`);
app.listen({ port: 0, host: "127.0.0.1" }).then((address) => console.log(address));
