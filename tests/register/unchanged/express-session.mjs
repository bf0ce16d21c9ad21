/** An app on express-session as an ES module, which knows nothing of the bridge. */
import express from "express";
import session, { MemoryStore } from "express-session";

const app = express();
app.use(
  session({ secret: "keyboard cat", store: new MemoryStore(), resave: false, saveUninitialized: false }),
);
app.post("/login", (request, response) => {
  request.session.user_id = 123;
  response.send("done");
});
app.get("/", (request, response) => response.send(`You are ${request.session.user_id ?? "a guest"}.`));
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
