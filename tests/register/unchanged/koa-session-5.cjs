/** An app on koa-session 5 without a store, which knows nothing of the bridge. */
const Koa = require("koa");
const session = require("koa-session");

const app = new Koa();
app.keys = ["keyboard cat"];
app.use(session(app));
app.use((context) => {
  if (context.path === "/login") context.session.user_id = 123;
  context.body = context.path === "/login" ? "done" : `You are ${context.session.user_id ?? "a guest"}.`;
});
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
