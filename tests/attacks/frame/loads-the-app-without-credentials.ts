/**
 * The attacker's page frames the victim's app as `credentialless`, from another port of the same host: such a frame has a separate, empty jar
 * without a name. They want the panel to mix up the two jars, or the browser to crash when that one is requested.
 */
import { expect } from "@playwright/test";
import { expectContents, expectRows, readRows } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { addFrame, htmlPage } from "../elsewhere.ts";
import { openVictim } from "../victim.ts";

export const loadsTheAppWithoutCredentials: Scenario = {
  name: "a credentialless frame of the app starts a separate session: the browser keeps running, and the jar's session is unchanged",
  only: "chromium", // Firefox has no such frames
  async run(stage) {
    const victim = await openVictim(stage);
    const { page, panel } = victim;
    const other = await startRecording(stage, (_path, response) => htmlPage(response, "<p>Mine"));
    await page.goto(`http://localhost:${other.port}/`);
    await page.evaluate(addFrame, { credentialless: "", src: `${victim.url}/app/deep` });
    await expectRows(panel, /GET \/app\/deep 200 .*\+note/);
    expect((await readRows(panel)).join("\n")).not.toMatch(/GET \/app\/deep 200 .*~visits/);
    expect(other.received.filter((request) => request.includes(victim.canary))).toEqual([]);
    await page.goto(victim.url);
    await expectContents(panel, /visits: 2\b/);
    expect(await victim.stored()).toEqual({ note: victim.canary });
  },
};
