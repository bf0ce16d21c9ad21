/**
 * The attacker is an extension of DevTools on the same tab, without `cookies`. From the network log it takes the victim's HttpOnly
 * cookie, and from the inspected window whatever can be evaluated there; with the cookie it calls the bridge itself.
 */
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import { expectContents } from "../../e2e/panel.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { expectSoon, openVictim, startVictimSite, visitAgain } from "../victim.ts";
import { startStranger } from "./stranger.ts";

/** Runs in the stranger's devtools page, and stores what it saw where its other page can read it. */
const DEVTOOLS = `const { devtools, storage } = chrome;
  const heard = [];
  const keep = (text) => { heard.push(text); storage.local.set({ heard }); };
  devtools.network.onRequestFinished.addListener((entry) => keep(JSON.stringify(entry)));
  const looks = ["document.cookie", "document.documentElement.outerHTML", "JSON.stringify({ ...sessionStorage })"];
  setInterval(() => {
    for (const look of looks) devtools.inspectedWindow.eval(look, (value) => keep(JSON.stringify(value ?? null)));
    devtools.network.getHAR((log) => keep(JSON.stringify(log)));
  }, 200);`;

export const takesTheCookieFromDevtools: Scenario = {
  name: "a DevTools extension on the same tab learns nothing from the panel, and a bridge with our extensionId does not answer it",
  async run(stage) {
    const stranger = await startStranger(stage, {
      rights: {
        permissions: ["storage"],
        host_permissions: ["*://localhost/*"],
        devtools_page: "devtools.html",
      },
      files: {
        "devtools.html": '<!doctype html><meta charset="utf-8"><script src="devtools.js"></script>',
        "devtools.js": DEVTOOLS,
      },
    });
    const { driver } = stranger;
    const open = await openVictim(stage, { driver });
    const ours = await open.panel.evaluate(() => location.host, null);
    // A bridge that is open to every extension does answer a caller that has the cookie.
    expect(await stranger.page.evaluate(call, callOf(open.url, open.cookie))).toContain(open.canary);
    await open.page.close();
    const site = await startVictimSite(stage, { EXTENSION_ID: ours });
    const victim = await openVictim(stage, { driver, site });
    await visitAgain(victim);
    const heard = () => stranger.page.evaluate(readHeard, null);
    await expectSoon("the stranger has the cookie", async () => (await heard()).includes(victim.cookie));
    expect(await stranger.page.evaluate(call, callOf(victim.url, victim.cookie))).toMatch(/^40[34] /);
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
    expect(await heard()).not.toContain(victim.canary);
    expect(await heard()).not.toContain(BRIDGE_PATH);
    expect(await victim.stored()).toEqual({ note: victim.canary });
  },
};

const callOf = (url: string, cookie: string) => ({
  url: `${url}${BRIDGE_PATH}session`,
  body: { protocol: 1, cookie },
});

/** Runs in the stranger's page. */
async function call({ url, body }: { url: string; body: object }): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return `${response.status} ${await response.text()}`;
}

/** Runs in the stranger's page. */
async function readHeard(): Promise<string> {
  const { storage } = Reflect.get(globalThis, "chrome") as {
    storage: { local: { get(key: string): Promise<{ heard?: string[] }> } };
  };
  return ((await storage.local.get("heard")).heard ?? []).join("\n");
}
