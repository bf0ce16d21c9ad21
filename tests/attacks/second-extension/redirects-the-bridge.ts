/**
 * The attacker is another extension with rules for requests (`declarativeNetRequest`). It redirects the bridge's path to another server
 * and wants the proof, the token and the edits that the panel sends there; and it forges the response to `hello`.
 */
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import { expectContents } from "../../e2e/panel.ts";
import { retype } from "../../e2e/panel-acts.ts";
import { answerAsBridge, startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { openVictim, readCookie, visitAgain } from "../victim.ts";
import { startStranger } from "./stranger.ts";

export const redirectsTheBridge: Scenario = {
  name: "no call of the panel follows an extension's redirect of the bridge's path",
  async run(stage) {
    const elsewhere = await startRecording(stage, (path, response) => {
      response.setHeader("access-control-allow-origin", "*");
      if (!answerAsBridge(path, response, { capabilities: ["prove", "read", "edit"] }))
        response.end("elsewhere");
    });
    const stranger = await startStranger(stage, {
      rights: { permissions: ["declarativeNetRequestWithHostAccess"], host_permissions: ["<all_urls>"] },
    });
    const { driver } = stranger;
    await stranger.page.evaluate(lead, { path: BRIDGE_PATH, to: `http://127.0.0.1:${elsewhere.port}` });
    const victim = await openVictim(stage, { driver });
    // The rule works for every request that the stranger may change, such as the page's.
    const followed = await victim.page.evaluate(
      (path) => fetch(`${path}nothing`).then((to) => to.text()),
      BRIDGE_PATH,
    );
    expect(followed).toBe("elsewhere");
    await visitAgain(victim);
    await retype(victim.panel, "visits", "41");
    await expectContents(victim.panel, /visits: 41/);
    expect(elsewhere.received).toHaveLength(1);
    expect(elsewhere.received.join()).not.toContain(await readCookie(driver, victim.url));
    expect(await victim.stored()).toEqual({ note: victim.canary });
  },
};

/** Runs in the stranger's page: from now on each request to the path goes to the other server. */
async function lead({ path, to }: { path: string; to: string }): Promise<null> {
  const { declarativeNetRequest } = Reflect.get(globalThis, "chrome") as {
    declarativeNetRequest: { updateSessionRules(change: object): Promise<void> };
  };
  const resourceTypes = ["main_frame", "sub_frame", "xmlhttprequest", "other", "ping"];
  await declarativeNetRequest.updateSessionRules({
    addRules: [
      {
        id: 1,
        priority: 9,
        action: { type: "redirect", redirect: { regexSubstitution: `${to}${path}\\1` } },
        condition: { regexFilter: `^https?://[^/]+${path}(.*)$`, resourceTypes },
      },
    ],
  });
  return null;
}
