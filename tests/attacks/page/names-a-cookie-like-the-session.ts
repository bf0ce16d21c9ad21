/**
 * The attacker's page is on another port of the victim's host, so it shares the victim's jar. It sets cookies whose names read
 * like the session's: with invisible characters, with letters of another alphabet, written from right to left. It wants
 * the developer to mistake one of them for the session cookie.
 */
import { expect } from "@playwright/test";
import { expectContents, readContents } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { htmlPage } from "../elsewhere.ts";
import { expectSoon, expectUnchanged, openVictim } from "../victim.ts";

/** Names, and how each must not look. */
const NAMES = ["sessionid\u200b", "\u202edinoisses", "sess\u2066ionid", "session\u00adid", "sessionid\u2063"];

export const namesACookieLikeTheSession: Scenario = {
  name: "cookies whose names look like the session's show their real names, and the pane keeps the session",
  async run(stage) {
    const other = await startRecording(stage, (_path, response) => htmlPage(response, "<p>Mine"));
    const victim = await openVictim(stage);
    const attacker = await stage.newPage();
    await attacker.goto(`http://localhost:${other.port}/`);
    const set = await attacker.evaluate((names) => {
      // biome-ignore lint/suspicious/noDocumentCookie: as old pages do, and Firefox has no other way
      for (const name of names) document.cookie = `${name}=mine; path=/`;
      return document.cookie.split("; ").filter((each) => each.endsWith("=mine")).length;
    }, NAMES);
    expect(set, "the browser takes such names").toBe(NAMES.length);

    await victim.page.show();
    await victim.panel.click({ role: "button", name: "Settings" });
    await victim.panel.click({ role: "checkbox", name: "Watch all cookies" });
    stage.later(async () => {
      await victim.panel.click({ role: "checkbox", name: "Watch all cookies" });
    });
    const shown = () =>
      victim.panel.texts({ role: "option", within: { role: "listbox", name: "Session cookies" } });
    await expectSoon("the cookies are listed", async () => (await shown()).length > NAMES.length);
    const rows = await shown();
    // The visible name: no invisible character, no reversed order.
    const seen = rows
      .map((row) => row.split(" ")[0] ?? "")
      .map((name) => name.replace(/[\p{Cf}\p{Cc}]/gu, ""));
    expect(seen.filter((name) => name === "sessionid" || name === "dinoisses")).toEqual(["sessionid"]);
    expect((await readContents(victim.panel)).join()).toContain(victim.canary);
    await victim.page.reload();
    await expectContents(victim.panel, /visits: 2\b/);
    await expectUnchanged(victim, stage.driver);
  },
};
