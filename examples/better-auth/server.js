/** A shop with Better Auth on Express, and one line for the tab. Logs john_doe in as user 123. */
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import express from "express";
import { openBridge } from "session-bridge/bridge";
import { betterAuth } from "session-bridge/sources";
import { auth, john, port } from "./auth.js";

const app = express();
if (process.env.NODE_ENV === "development") app.use(openBridge(betterAuth(auth))); // the one line
app.all("/api/auth/*splat", toNodeHandler(auth));

app.get("/", async (request, response) => {
  const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  const button = (path, name) => `<form method="post" action="${path}"><button>${name}</button></form>`;
  if (!found) return response.send(`<p>Hello.</p>${button("/login", "Log in")}`);
  response.send(
    `<p>Hello, ${found.user.name}. Cart: ${found.session.cart ?? "empty"}</p>
     ${button("/cart", "Add tea")} ${button("/logout", "Log out")} ${button("/logout-others", "Log out elsewhere")}`,
  );
});

/** Does what a form asks for, and passes Better Auth's cookies on. */
function act(path, call) {
  app.post(path, async (request, response) => {
    const { headers } = await call({ headers: fromNodeHeaders(request.headers), returnHeaders: true });
    response.setHeader("set-cookie", headers.getSetCookie()).redirect("/");
  });
}
act("/login", (options) => auth.api.signInEmail({ ...options, body: john }));
act("/cart", (options) => auth.api.updateSession({ ...options, body: { cart: "tea" } }));
act("/logout", (options) => auth.api.signOut(options));
act("/logout-others", (options) => auth.api.revokeOtherSessions(options));

app.listen(port, "127.0.0.1", () => console.log(`The demo is on http://localhost:${port}`));
