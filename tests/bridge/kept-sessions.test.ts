/** `session-bridge/testing` finds the session of a browser that holds two cookies of its name. */
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { createClient } from "../../server-bridge/src/testing/client.ts";
import { createServerSession } from "../../server-bridge/src/testing/server-session.ts";
import { startSite, Visitor } from "./site.ts";

it("reads the session, wherever the leftover of another domain is in the list", async () => {
  const token = randomBytes(32).toString("base64url");
  const site = await startSite({ bridge: { env: { NODE_ENV: "test", SESSION_BRIDGE_TOKEN: token } } });
  const visitor = new Visitor(site);
  await visitor.visit("/set?cart=1");
  const keys = [visitor.cookie, "abcdefghijklmnopqrstuvwxyz012345"];
  for (const values of [keys, keys.toReversed()]) {
    const context = {
      cookies: async () => values.map((value) => ({ name: "sessionid", value })),
      clearCookies: async () => {},
      addCookies: async () => {},
      storageState: async () => ({ cookies: [] }),
    };
    const session = createServerSession(context, site.origin, createClient(site.origin, token));
    expect(await session.data()).toEqual({ cart: 1 });
  }
  await site.close();
});
