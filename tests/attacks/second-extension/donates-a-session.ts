/**
 * The attacker is another extension with `cookies`, and holds another session on the same site. They put its cookie into the
 * victim's jar and want the developer to mistake it for their own, and to type secrets into it.
 */
import { expect } from "@playwright/test";
import { expectContents, expectRows } from "../../e2e/panel.ts";
import { retype } from "../../e2e/panel-acts.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { openVictim, readCookie } from "../victim.ts";
import { startStranger } from "./stranger.ts";

export const donatesASession: Scenario = {
  name: "when another extension puts another session into the victim's jar, the panel shows that one immediately, as the server does",
  async run(stage) {
    const stranger = await startStranger(stage, {
      rights: { permissions: ["cookies"], host_permissions: ["*://localhost/*"] },
    });
    const { driver } = stranger;
    const victim = await openVictim(stage, { driver });
    const own = await fetch(victim.url);
    const donated = /sessionid=([^;]+)/.exec(own.headers.get("set-cookie") ?? "")?.[1] ?? "";
    await retype(victim.panel, "visits", "700");
    await expectContents(victim.panel, /visits: 700/);

    await stranger.page.evaluate(put, { url: victim.url, value: donated });
    expect(await readCookie(driver, victim.url)).toBe(donated);
    await expectContents(victim.panel, /visits: 1\b/);
    await retype(victim.panel, "visits", "9");
    await expectContents(victim.panel, /visits: 9\b/);
    await victim.page.reload();
    await expectRows(victim.panel, /GET \/ 200 .*visits 9→10/);
    await expectContents(victim.panel, /visits: 10\b/);
    // What the developer typed afterwards was sent where the pane said, and the victim's own session has none of it.
    const kept = await fetch(`${victim.url}/stored`, { headers: { cookie: `sessionid=${victim.cookie}` } });
    expect(await kept.json()).toEqual({ note: victim.canary, visits: 700 });
  },
};

/** Runs in the stranger's page. */
async function put({ url, value }: { url: string; value: string }): Promise<null> {
  const { cookies } = Reflect.get(globalThis, "chrome") as {
    cookies: { set(cookie: object): Promise<unknown> };
  };
  await cookies.set({ url, name: "sessionid", value, httpOnly: true, sameSite: "lax", path: "/" });
  return null;
}
