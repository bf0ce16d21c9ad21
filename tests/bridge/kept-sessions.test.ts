/** `session-bridge/testing` finds the session of a browser that holds two cookies of its name. */
import { randomBytes } from "node:crypto";
import { signedCookies } from "session-bridge";
import { expect, it } from "vitest";
import { createClient } from "../../server-bridge/src/testing/client.ts";
import { createServerSession } from "../../server-bridge/src/testing/server-session.ts";
import { type Site, startSite, Visitor } from "./site.ts";

const token = randomBytes(32).toString("base64url");
const bridge = { env: { NODE_ENV: "test", SESSION_BRIDGE_TOKEN: token } };

/** The session of a browser with these cookies, in this order. */
function sessionOf(site: Site, values: readonly string[]) {
  const context = {
    cookies: async () => values.map((value) => ({ name: "sessionid", value })),
    clearCookies: async () => {},
    addCookies: async () => {},
    storageState: async () => ({ cookies: [] }),
  };
  return createServerSession(context, site.origin, createClient(site.origin, token));
}

it("reads the newest of several signed cookies, as the app does, wherever it is in the list", async () => {
  let now = Date.now();
  const site = await startSite({
    bridge,
    engine: signedCookies(),
    sessions: { clock: () => now },
    app: ({ url, session }, response) => {
      if (url?.startsWith("/set")) session.set("cart", Number(url.at(-1)));
      response.end(`cart ${session.get("cart")}`);
    },
  });
  const visitor = new Visitor(site);
  await visitor.visit("/set?cart=1");
  const older = visitor.cookie;
  now += 5000;
  await visitor.visit("/set?cart=2");
  const values = [older, visitor.cookie];
  for (const cookies of [values, values.toReversed()]) {
    expect(await sessionOf(site, cookies).data()).toEqual({ cart: 2 });
    const header = cookies.map((value) => `sessionid=${value}`).join("; ");
    const page = await fetch(`${site.origin}/read`, { headers: { cookie: header } });
    expect(await page.text()).toBe("cart 2");
  }
  await site.close();
});

it("reads the session, wherever the leftover of another domain is in the list", async () => {
  const site = await startSite({ bridge });
  const visitor = new Visitor(site);
  await visitor.visit("/set?cart=1");
  const keys = [visitor.cookie, "abcdefghijklmnopqrstuvwxyz012345"];
  for (const values of [keys, keys.toReversed()]) {
    expect(await sessionOf(site, values).data()).toEqual({ cart: 1 });
  }
  await site.close();
});
