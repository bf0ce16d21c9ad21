/**
 * The attacker has a frame of another site in the victim's page, and in that the victim's app once more. The inner app gets no cookie
 * and starts a separate session, which the browser refuses to store; they want the pane to show that, or its keys, as the
 * session of the page.
 */
import { expect } from "@playwright/test";
import { expectContents, expectRows, readContents } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { addFrame, htmlPage } from "../elsewhere.ts";
import { expectNothingGot, openVictim, visitAgain } from "../victim.ts";

export const nestsTheAppInItself: Scenario = {
  name: "with the app in a cross-site frame inside the app, the pane keeps the page's own session",
  async run(stage) {
    const victim = await openVictim(stage);
    const other = await startRecording(stage, (_path, response) => {
      htmlPage(response, `<iframe src="${victim.url}/app/deep"></iframe>`);
    });
    await visitAgain(victim);
    await victim.page.evaluate(addFrame, { src: `http://127.0.0.1:${other.port}/middle` });
    // The inner app's request is there, and began a session: it carried no cookie.
    await expectRows(victim.panel, /GET \/app\/deep 200 .*\+note/);
    await expectContents(victim.panel, /visits: 2\b/);
    await visitAgain(victim);
    expect((await readContents(victim.panel)).join()).toContain("visits: 3");
    await expectNothingGot(victim, other.received, stage.driver);
  },
};
