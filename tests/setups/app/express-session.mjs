/** The same app on express-session, without a line for the tab: it is started with `--import session-bridge/register`. */
import express from "express";
import session from "express-session";
import { PAGE } from "./page.ts";

const { PORT = "0", HOST = "127.0.0.1", NAME = "ada", COOKIE = "connect.sid" } = process.env;

const app = express();
const secret = "only for the tests of set-ups, fifty characters long";
app.use(session({ secret, name: COOKIE, resave: false, saveUninitialized: false }));

app.get("/", (_, response) => {
  response.send(PAGE);
});

app.post("/api/login", (request, response, next) => {
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.user_id = 123;
    request.session.name = NAME;
    response.json({ user_id: 123 });
  });
});

app.get("/api/me", (request, response) => {
  const { cookie: _, ...data } = request.session;
  response.json(data);
});

app.post("/api/logout", (request, response, next) => {
  request.session.destroy((error) => (error ? next(error) : response.json({})));
});

app.get("/api/seen", ({ httpVersion, rawHeaders, socket }, response) => {
  response.json({ httpVersion, rawHeaders, peer: socket.remoteAddress });
});

const server = app.listen(Number(PORT), HOST, () => {
  console.log(`port ${server.address().port}`);
});
