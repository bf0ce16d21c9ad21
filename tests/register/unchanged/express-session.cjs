/** An app on express-session in CommonJS, which knows nothing of the bridge. */
const express = require("express");
const session = require("express-session");

const app = express();
app.use(express.json());
app.use(session({ secret: "keyboard cat", resave: false, saveUninitialized: false, name: "app.sid" }));
app.post("/login", (request, response) => {
  request.session.user_id = 123;
  response.send("done");
});
app.get("/", (request, response) => response.send(`You are ${request.session.user_id ?? "a guest"}.`));
const server = app.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
