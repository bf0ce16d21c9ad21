/** An app on cookie-session, which knows nothing of the bridge. */
const express = require("express");
const session = require("cookie-session");

const app = express();
app.use(session({ keys: ["keyboard cat"] }));
app.post("/login", (request, response) => {
  request.session.user_id = 123;
  response.send("done");
});
app.get("/", (request, response) => response.send(`You are ${request.session.user_id ?? "a guest"}.`));
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
