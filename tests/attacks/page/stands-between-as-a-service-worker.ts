/**
 * The attacker has put a service worker onto the site's own origin, as a bad dependency could. It is between every page of
 * the site and its server, and wants the panel's calls: the token, the proof, the session.
 */
import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import { expectContents } from "../../e2e/panel.ts";
import { typeToken } from "../../e2e/panel-acts.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { expectUnchanged, openVictim, visitAgain } from "../victim.ts";

export const standsBetweenAsAServiceWorker: Scenario = {
  name: "a service worker on the site's own origin intercepts every page, but never the panel",
  async run(stage) {
    const token = randomBytes(32).toString("base64url");
    const victim = await openVictim(stage, { env: { SESSION_BRIDGE_TOKEN: token } });
    await victim.page.evaluate(register, null);
    await typeToken(victim.panel, token);
    await victim.panel.click({ role: "button", name: "Use token" });
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
    await visitAgain(victim);

    const seen = await victim.page.evaluate(readSeen, null);
    expect(seen.join("\n")).toContain(`GET ${victim.url}/`); // the page's requests go through it
    for (const hidden of [BRIDGE_PATH, token, victim.cookie, victim.canary]) {
      expect(seen.filter((line) => line.includes(hidden))).toEqual([]);
    }
    await expectUnchanged(victim, stage.driver);
  },
};

/** Runs in the victim's page. */
async function register(): Promise<null> {
  await navigator.serviceWorker.register("/worker.js");
  if (navigator.serviceWorker.controller === null) {
    await new Promise((resolve) =>
      navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
  }
  return null;
}

/** Runs in the victim's page: what the worker saw. */
async function readSeen(): Promise<string[]> {
  const { active } = await navigator.serviceWorker.ready;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    active?.postMessage(null, [port2]);
  });
}
