/**
 * The attacker frames the victim's app in a page of another site, where the browser does not send the app's cookie. Their own server has
 * no bridge, so the panel looks at the frame's; they want the victim's session shown above their page, and its proof sent.
 */
import { expect } from "@playwright/test";
import { expectContents, expectRows, expectText, readContents } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { addFrame, htmlPage } from "../elsewhere.ts";
import { expectNothingGot, openVictim } from "../victim.ts";

export const showsTheAppOnAnotherSite: Scenario = {
  name: "the session of the app in a cross-site frame is not shown, because the browser does not send its cookie there",
  async run(stage) {
    const victim = await openVictim(stage);
    const other = await startRecording(stage, (_path, response) => htmlPage(response, "<p>Mine"));
    const { page, panel } = victim;
    await page.goto(`http://127.0.0.1:${other.port}/`);
    await expectText(panel, /No bridge answers at/);
    for (const path of ["/app", "/app/deep"]) await page.evaluate(addFrame, { src: victim.url + path });
    await expectRows(panel, /GET \/app\/deep 200/);
    // The frame's bridge is called and named; the jar's session does not belong to it.
    await expectText(
      panel,
      new RegExp(`Session of.${victim.url}.*This page is.http://127\\.0\\.0\\.1:${other.port}`, "s"),
    );
    await expectText(panel, /No session yet|does not send this cookie/);
    expect((await readContents(panel)).join()).not.toContain(victim.canary);
    await expectNothingGot(victim, other.received, stage.driver);

    await page.goto(victim.url);
    await expectContents(panel, new RegExp(`note: "${victim.canary}"`));
  },
};
