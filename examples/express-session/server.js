/** The demo's shop on express-session, in JavaScript: an app as it may have been for years, and one line for the tab. */
import { setTimeout as wait } from "node:timers/promises";
import express from "express";
import session from "express-session";
import { openBridge } from "session-bridge/bridge";
import { expressSession } from "session-bridge/sources";
import { page } from "../express/page.ts";

const users = { john_doe: 123, jane_roe: 456 };
const secret = process.env.SECRET_KEY ?? "known to everyone, so good for this demo only";
const cookie = { maxAge: 3_600_000 };

const app = express();
if (process.env.NODE_ENV === "development") app.use(openBridge(expressSession({ secret }))); // the one line
app.use(session({ secret, resave: false, saveUninitialized: false, cookie }), express.urlencoded());

app.get("/", (request, response) => {
  request.session.visits = (request.session.visits ?? 0) + 1;
  response.send(page(request.session, Object.keys(users)));
});

app.post("/login", (request, response, next) => {
  const userId = users[request.body.username];
  if (userId === undefined) return response.status(401).send("No one has that name.");
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.user_id = userId;
    request.session.username = request.body.username;
    if (request.body.ends === "with the browser") request.session.cookie.expires = null;
    response.redirect("/");
  });
});

app.post("/cart", async (request, response) => {
  const { item } = request.body;
  await wait(300); // asks the stock; meanwhile another request may change the same session
  request.session.cart = { ...request.session.cart, [item]: (request.session.cart?.[item] ?? 0) + 1 };
  response.redirect("/");
});

app.post("/logout", (request, response, next) => {
  request.session.destroy((error) => (error ? next(error) : response.redirect("/")));
});

const server = app.listen(process.env.PORT ?? 3000, "127.0.0.1", () => {
  console.log(`The demo is on http://localhost:${server.address().port}`);
});
