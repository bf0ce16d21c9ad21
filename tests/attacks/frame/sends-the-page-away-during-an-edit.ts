/**
 * The attacker has a frame in the victim's page that may send it elsewhere, and a site on another port of the same host with a bridge
 * and the same cookie name. While the developer types a value into the victim's session, they send the page to that site: the
 * half-typed value is to be saved there.
 */
import { expect } from "@playwright/test";
import { expectText, PARTS } from "../../e2e/panel.ts";
import { answerAsBridge, startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { addFrame, htmlPage } from "../elsewhere.ts";
import { expectSoon, expectUnchanged, openVictim } from "../victim.ts";

const TYPED = "typed-for-the-victim";

export const sendsThePageAwayDuringAnEdit: Scenario = {
  name: "when a frame navigates the page to another server while a value is typed, the typed text is not sent there",
  async run(stage) {
    const victim = await openVictim(stage);
    const { page, panel } = victim;
    let mayGo: (() => void) | null = null;
    const other = await startRecording(stage, (path, response) => {
      if (answerAsBridge(path, response, { capabilities: ["prove", "read", "edit"] })) return;
      if (path === "/frame") {
        htmlPage(
          response,
          '<script>fetch("/go").then(() => { top.location.href = location.origin + "/mine"; })</script>',
        );
      } else if (path === "/go") mayGo = () => response.end();
      else htmlPage(response, "<p>Mine");
    });
    const origin = `http://localhost:${other.port}`;
    await page.evaluate(addFrame, {
      src: `${origin}/frame`,
      sandbox: "allow-scripts allow-same-origin allow-top-navigation",
    });
    await expectSoon("the frame waits", () => mayGo !== null);

    await panel.click({ role: "row", name: "note", within: PARTS.contents }, { double: true });
    await panel.fill({ role: "textbox", name: "Value of note" }, `"${TYPED}"`);
    Object(mayGo)();
    await expectSoon("the page is the attacker's", async () => (await page.url()).startsWith(origin));
    await expectText(panel, /owner/);
    expect(await panel.texts({ role: "textbox", name: "Value of note" })).toEqual([]);
    await panel.press("Enter");
    await expectText(panel, /Not saved: the session that was edited is no longer shown/);

    expect(other.calls("session").length, "the panel did ask the attacker's bridge").toBeGreaterThan(0);
    expect(other.received.filter((request) => request.includes(TYPED))).toEqual([]);
    expect(other.calls("edit")).toEqual([]);
    expect(other.received.filter((request) => request.includes(victim.canary))).toEqual([]);
    await expectUnchanged(victim, stage.driver);
  },
};
