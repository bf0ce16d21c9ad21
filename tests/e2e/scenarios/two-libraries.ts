/** An app with two session libraries and a bridge for each: the first bridge answers, and the panel names its library. */
import { expect } from "@playwright/test";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readContents,
  readCookies,
  readRows,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import { retype } from "../panel-acts.ts";
import type { Scenario } from "../scenario.ts";

/** The library of the first bridge, what the panel calls it, and the library of the second. */
const CASES = [
  {
    other: "session-bridge",
    first: "theirs",
    engine: "express-session",
    library: "express-session",
    hidden: "session-bridge",
    unseen: /No session of express-session was loaded or stored/,
    cookies: ["sessionid", "connect.sid"],
  },
  {
    other: "session-bridge",
    first: "ours",
    engine: "db",
    library: "session-bridge",
    hidden: "express-session",
    unseen: /This request did not look at the session of session-bridge/,
    cookies: ["sessionid", "connect.sid"],
  },
  {
    other: "cookie-session",
    first: "ours",
    engine: "cookie-session",
    library: "cookie-session",
    hidden: "express-session",
    unseen: null,
    cookies: ["session", "connect.sid"],
  },
] as const;

export const twoLibraries: readonly Scenario[] = CASES.map(
  ({ other, first, engine, library, hidden, unseen, cookies }) => ({
    name: `an app with express-session and ${other} shows the session of ${engine}, whose bridge comes first, and names it`,
    inField: ["firefox"],
    async run(stage) {
      const { url, output } = await stage.startSite("tests/e2e/sites/two-libraries.ts", {
        OTHER: other,
        FIRST: first === "ours" ? "other" : "express-session",
      });
      const second = first === "ours" ? "theirs" : "ours";
      const page = await stage.newPage();
      await page.goto(url);
      const panel = await (await page.openTools()).showPanel();
      for (const path of [first, second, first, second]) await page.goto(`${url}/${path}`);
      await expectRows(
        panel,
        new RegExp(`GET /${first} 200 .*\\+owner`),
        new RegExp(`GET /${second} 200`),
        new RegExp(`GET /${first} 200 .*~visits 1→2`),
        new RegExp(`GET /${second} 200`),
      );
      await expectContents(panel, new RegExp(`owner: "${first}"`));
      await expectContents(panel, /visits: 2/);
      expect((await readContents(panel)).join()).not.toContain(second);
      const text = await readText(panel);
      expect(text).toMatch(new RegExp(`Engine\\s+${engine}\\s`));
      expect(text).toMatch(new RegExp(`engine ${engine}\\s`));
      const listed = async () => (await readCookies(panel)).join("\n"); // after the rows
      for (const name of cookies) await expect.poll(listed, { timeout: SHOWN_MS }).toContain(name);
      const rows = (await readRows(panel)).filter((row) => row.includes(`/${second} `));
      expect(rows.filter((row) => /[+~]\w/.test(row) || row.includes("outside"))).toEqual([]);

      await page.goto(`${url}/${second}?again`);
      // the request's row comes before the note "Went to"
      await expectRows(panel, new RegExp(`GET /${second}\\?again 200`));
      await panel.click({ role: "row", text: `/${second}?again`, within: PARTS.requests });
      if (unseen !== null) {
        await expectText(panel, unseen);
        await panel.click({ role: "tab", name: "Why?" });
        await expectText(panel, new RegExp(`neither loaded a session of ${library} nor stored one`));
        await panel.click({ role: "tab", name: "Contents" });
      }
      const told = output()
        .split("\n")
        .filter((line) => line.includes("does not show this bridge"));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(`for sessions of ${hidden}: `);
      await panel.click({ role: "button", name: "Now", exact: true });

      // The bridge only reads sessions that are kept in a cookie.
      if (engine !== "cookie-session") {
        await retype(panel, "visits", "40");
        await expectRows(panel, /changed in this panel.*~visits/);
        await page.goto(`${url}/${first}`);
        await expectPage(page, /Visits: 41/);
      }
      await page.goto(`${url}/${second}`);
      await expectPage(page, /Visits: 4/);
    },
  }),
);
