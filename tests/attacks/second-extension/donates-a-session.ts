/**
 * The attacker is another extension with `cookies`, and holds a session of his own on the same site. He puts its cookie into the
 * victim's jar and wants the developer to take it for the victim's, and to type into it what is meant for theirs.
 */
import { expect } from "@playwright/test";
import { expectContents, expectRows } from "../../e2e/panel.ts";
import { retype } from "../../e2e/panel-acts.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { openVictim, readCookie } from "../victim.ts";
import { startStranger } from "./stranger.ts";

export const donatesASession: Scenario = {
  name: "another extension gives the victim's jar a session of its own: the panel shows that one at once, since the server does",
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
    // What the developer typed afterwards went where the pane said, and the victim's own session has none of it.
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
