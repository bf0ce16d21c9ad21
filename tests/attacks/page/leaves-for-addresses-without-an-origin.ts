/**
 * The attacker's page is opened after the victim's in the same tab, on the same host and with no bridge. It navigates to `about:blank`,
 * to one of its `blob:` URLs and back through the history, and wants the victim's session on the pane above its own page.
 */
import { expect } from "@playwright/test";
import { expectContents, readContents } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { htmlPage } from "../elsewhere.ts";
import { expectNothingGot, expectSoon, openVictim } from "../victim.ts";

/** Each navigates from the attacker's page to an address without a server. */
const WAYS: Record<string, string> = {
  "about:blank": "location.href = 'about:blank'",
  "blob:":
    "location.href = URL.createObjectURL(new Blob(['<title>Blob</title>Of mine'], { type: 'text/html' }))",
  "javascript:": "location.href = \"javascript:'<title>Script</title>Of mine'\"",
};

export const leavesForAddressesWithoutAnOrigin: Scenario = {
  name: "after navigation to an address without a server, the pane shows nothing of the previous page",
  async run(stage) {
    const other = await startRecording(stage, (_path, response) => htmlPage(response, "<p>Mine"));
    const victim = await openVictim(stage);
    const { page, panel } = victim;
    for (const [name, script] of Object.entries(WAYS)) {
      await page.goto(victim.url);
      await expectContents(panel, new RegExp(`note: "${victim.canary}"`));
      await page.goto(`http://localhost:${other.port}/`);
      await expectSoon(
        `nothing is shown before ${name}`,
        async () => (await readContents(panel)).length === 0,
      );
      await panel.evaluate(watch, victim.canary);
      await page.evaluate(run, script);
      await expectSoon(`the page is at ${name}`, async () => {
        const where = await page
          .evaluate(() => `${location.href} ${document.title}`, null)
          .catch(() => "on its way");
        return where.startsWith(name) || where.endsWith("Script");
      });
      await page.goto(`http://127.0.0.1:${other.port}/`); // by now the panel has shown what it would show of it
      expect(await panel.evaluate(readWatch, null), name).toBe("never");
    }
    await page.goto(victim.url);
    await expectContents(panel, new RegExp(`note: "${victim.canary}"`));
    await expectNothingGot(
      victim,
      other.received.filter((request) => !request.startsWith("GET /")),
      stage.driver,
    );
  },
};

/** Runs in the page. */
function run(script: string): null {
  setTimeout(script);
  return null;
}

/** Runs in the panel: records on its root element whether this text is ever shown from now on. */
function watch(canary: string): null {
  const notes = document.documentElement.dataset;
  notes["canary"] = "never";
  const look = () => {
    if (document.querySelector("[role=treegrid]")?.textContent?.includes(canary)) notes["canary"] = "shown";
  };
  look();
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  return null;
}

/** Runs in the panel. */
function readWatch(): string {
  return document.documentElement.dataset["canary"] ?? "not watched";
}
