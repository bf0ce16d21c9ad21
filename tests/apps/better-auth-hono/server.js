/** The example's app on Hono. Its `auth.js` is the example's. */
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { openBridge } from "session-bridge/bridge";
import { betterAuth } from "session-bridge/sources";
import { auth, john, port } from "./auth.js";

const app = new Hono();
if (process.env.NODE_ENV === "development") {
  const bridge = openBridge(betterAuth(auth));
  app.use((context, next) => {
    const { remote } = getConnInfo(context);
    const { httpVersion } = context.env.incoming;
    return bridge.fetch(context.req.raw, { peerAddress: remote.address, httpVersion }, async () => {
      await next();
      return context.res;
    });
  });
}
app.on(["POST", "GET"], "/api/auth/*", (context) => auth.handler(context.req.raw));

app.get("/", async (context) => {
  const found = await auth.api.getSession({ headers: context.req.raw.headers });
  const button = (path, name) => `<form method="post" action="${path}"><button>${name}</button></form>`;
  if (!found) return context.html(`<p>Hello.</p>${button("/login", "Log in")}`);
  const cart = `Cart: ${found.session.cart ?? "empty"}`;
  return context.html(
    `<p>Hello, ${found.user.name}. ${cart}</p>${button("/cart", "Add tea")}${button("/logout", "Log out")}`,
  );
});

function act(path, call) {
  app.post(path, async (context) => {
    const { headers } = await call({ headers: context.req.raw.headers, returnHeaders: true });
    for (const line of headers.getSetCookie()) context.header("set-cookie", line, { append: true });
    return context.redirect("/");
  });
}
act("/login", (options) => auth.api.signInEmail({ ...options, body: john }));
act("/cart", (options) => auth.api.updateSession({ ...options, body: { cart: "tea" } }));
act("/logout", (options) => auth.api.signOut(options));

serve({ fetch: app.fetch, port: Number(port), hostname: "127.0.0.1" }, () =>
  console.log(`The demo is on http://localhost:${port}`),
);
