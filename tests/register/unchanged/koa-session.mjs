/** An app on koa-session with a store, which knows nothing of the bridge. */
import Koa from "koa";
import session from "koa-session";

const kept = new Map();
const store = {
  get: async (key) => kept.get(key),
  set: async (key, data) => void kept.set(key, { ...data }),
  destroy: async (key) => void kept.delete(key),
};
const app = new Koa();
app.keys = ["keyboard cat"];
app.use(session({ store }, app));
app.use((context) => {
  if (context.path === "/login") context.session.user_id = 123;
  context.body = context.path === "/login" ? "done" : `You are ${context.session.user_id ?? "a guest"}.`;
});
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
