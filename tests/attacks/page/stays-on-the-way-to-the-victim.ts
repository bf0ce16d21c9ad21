/**
 * The attacker's page navigates to the victim's address, which does not respond: the tab is loading, and the document is still the
 * attacker's. They want the panel to treat the tab as the victim's, and to evaluate and show what is theirs.
 */
import { expect } from "@playwright/test";
import { expectContents, expectPage, expectText, readContents, readText } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { htmlPage } from "../elsewhere.ts";
import { expectNothingGot, expectSoon, openVictim } from "../victim.ts";

const NO_BRIDGE = /No bridge answers at/;

export const staysOnTheWayToTheVictim: Scenario = {
  name: "a page that keeps loading the victim's address is not treated as the victim's",
  async run(stage) {
    const victim = await openVictim(stage);
    const other = await startRecording(stage, (path, response) => {
      htmlPage(response, path === "/" ? "<p>Mine" : "");
    });
    const page = await stage.newPage();
    await page.goto(`http://127.0.0.1:${other.port}/`);
    const panel = await (await page.openTools()).showPanel();
    await expectText(panel, NO_BRIDGE);

    await page.evaluate((url) => void setTimeout(() => location.assign(url)), `${victim.url}/slow`);
    // The victim's server has the request, and its response waits.
    await expectSoon(
      "the page is on its way",
      async () => (await fetch(`${victim.url}/waiting`).then((to) => to.text())) === "1",
    );
    await panel.click({ role: "button", name: "Check again" });
    await expectText(panel, NO_BRIDGE);
    expect(await readContents(panel)).toEqual([]);
    expect(await readText(panel)).not.toContain(victim.canary);
    await expectNothingGot(victim, other.received, stage.driver);

    await fetch(`${victim.url}/go`);
    await expectPage(page, /Visits: 2/);
    await expectContents(panel, new RegExp(`note: "${victim.canary}"`));
  },
};
