/**
 * The attacker has a page on a name below the victim's (`evil.app.localhost`), and a separate session on the victim's site. They
 * set the session cookie's name for the parent domain and for a narrower path, and want the pane to show, and the developer
 * to edit, another session than the one that the server uses.
 */
import { expect } from "@playwright/test";
import { expectContents, expectPage, readContents } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { htmlPage } from "../elsewhere.ts";
import { openVictim } from "../victim.ts";

export const tossesACookie: Scenario = {
  name: "when a subdomain sets its cookie for the parent domain and a narrower path, the pane shows the session that the server uses",
  async run(stage) {
    const victim = await openVictim(stage, { host: "app.localhost", path: "/app/deep" });
    const local = victim.url.replace("app.localhost", "127.0.0.1");
    const own = await fetch(`${local}/`);
    const tossed = /sessionid=([^;]+)/.exec(own.headers.get("set-cookie") ?? "")?.[1] ?? "";
    for (let visit = 0; visit < 70; visit += 1)
      await fetch(`${local}/`, { headers: { cookie: `sessionid=${tossed}` } });

    // Of two cookies with one name the server uses the last: that with the shortest path, and of those the newest.
    for (const path of ["/app", "/"]) {
      const attacker = await startRecording(stage, (_path, response) => {
        htmlPage(response, "", { "set-cookie": `sessionid=${tossed}; Domain=app.localhost; Path=${path}` });
      });
      const page = await stage.newPage();
      await page.goto(`http://evil.app.localhost:${attacker.port}/`);
      const both = (await stage.driver.cookies(`${victim.url}/app/deep`)).filter(
        ({ name }) => name === "sessionid",
      );
      expect(both.length, "cookies of that name").toBeGreaterThan(1);

      await victim.page.show();
      await victim.page.reload();
      await expectPage(victim.page, /Visits: \d+/);
      const visits = /Visits: (\d+)/.exec(
        await victim.page.evaluate(() => document.body.innerText, null),
      )?.[1];
      await expectContents(victim.panel, new RegExp(`visits: ${visits}\\b`));
      expect((await readContents(victim.panel)).join()).toContain(`visits: ${visits}`);
    }
  },
};
