/** A Passport login over express-session, and a bridge with the settings in `BRIDGE_SECRET` and `BRIDGE_NAME`. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import express from "express";
import session from "express-session";
import passport from "passport";
import { openBridge } from "session-bridge/bridge";
import { expressSession } from "session-bridge/sources";

const secret = "a secret of these scenarios, longer than thirty-two characters";
const users = new passport.Passport();
users.serializeUser((user: unknown, done) => done(null, user));
users.deserializeUser((user: string, done) => done(null, { name: user }));

const app = express();
const given = {
  secret: process.env["BRIDGE_SECRET"] ?? secret,
  name: process.env["BRIDGE_NAME"] ?? "app.sid",
};
app.use(openBridge(expressSession(given)));
app.use(session({ secret, name: "app.sid", resave: false, saveUninitialized: false }));
app.use(users.session());
app.get("/login", (request, response, next) => {
  request.logIn("john_doe", (error) => (error ? next(error) : response.redirect("/")));
});
app.get("/change", (_request, response) => {
  response.append("Set-Cookie", "app.sid=s%3Achanged.by-hand; Path=/; HttpOnly").redirect("/");
});
app.get("/other", (_request, response) => {
  response.append("Set-Cookie", `PHPSESSID=${randomBytes(13).toString("hex")}; Path=/`).redirect("/");
});
app.get("/", (request, response) => {
  response.send(`<!doctype html><title>Shop</title><h1>${request.user ? "Welcome back" : "Log in"}</h1>`);
});

const server = createServer(app);
server.listen(Number(process.env["PORT"] ?? 0), () => {
  const address = server.address();
  console.log(`http://localhost:${typeof address === "object" && address ? address.port : 0}`);
});
