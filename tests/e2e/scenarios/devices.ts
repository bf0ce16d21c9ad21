/** The sessions of a user in two browsers, and the deadlines that end them: with a real server and a real browser. */
import { expect } from "@playwright/test";
import type { Surface } from "../driver.ts";
import { expectContents, expectRows, expectText, SHOWN_MS } from "../panel.ts";
import { openPlace, take } from "../play-rules.ts";
import type { Scenario } from "../scenario.ts";

const SITE = "tests/e2e/sites/devices.ts";
const LIST = { role: "region", name: "Sessions of this user" };

/** Another browser of the same user, which is a plain client here: it keeps its cookie, whatever happens. */
async function logInElsewhere(url: string): Promise<() => Promise<string>> {
  const response = await fetch(`${url}/login`, { method: "POST" });
  const [line = ""] = response.headers.getSetCookie();
  const [cookie = ""] = line.split(";");
  return async () => (await fetch(`${url}/read`, { headers: { cookie } })).text();
}

const expectListed = (panel: Surface, words: RegExp) =>
  expect.poll(async () => (await panel.texts(LIST)).join(" "), { timeout: SHOWN_MS }).toMatch(words);

const expectWhy = (panel: Surface, words: RegExp) =>
  expect
    .poll(async () => (await panel.texts({ role: "region", name: "Why:" })).join(" "), { timeout: SHOWN_MS })
    .toMatch(words);

export const devices: readonly Scenario[] = [
  {
    name: "the tab lists both sessions of a user, ends the other one, and undo brings it back",
    async run(stage) {
      const site = await stage.startSite(SITE);
      const elsewhere = await logInElsewhere(site.url);
      const { page, panel, url } = await openPlace(await stage.newPage(), site.url);
      await take({ page, url }, "POST /login");
      await expectContents(panel, /username: "john_doe"/);
      await expectText(panel, /Expires\s[^(]*\(in\s+00:1[45]:\d\d\s*\)\s*by idleAge/);
      await expectText(panel, /absoluteAge\s[^(]*\(in\s+00:(29|30):\d\d\s*\)\s*, however it is used/);
      await expectText(panel, /idleAge\s[^(]*\(in\s+00:1[45]:\d\d\s*\)\s*, if it is not used/);

      await panel.click({ role: "tab", name: "Devices" });
      await expectListed(panel, /This one just now.*Other 1 /);
      expect(await elsewhere()).toBe("john_doe");
      await panel.click({ role: "button", name: "End the others" });
      await panel.click({ role: "button", name: "End 1 session" });
      await expectListed(panel, /This one(?!.*Other).*This is the user's only session/);
      expect(await elsewhere()).toBe("undefined");
      await expectRows(panel, /changed in this panel.*ended 1 other session/);
      await page.reload();
      await expectText(page, /Hello john_doe/);

      await panel.click({ role: "button", name: "Undo" });
      await expectListed(panel, /This one.*Other 1 /);
      expect(await elsewhere()).toBe("john_doe");
      await expectRows(panel, /changed in this panel.*put back 1 other session/);
    },
  },
  {
    name: '"Why?" says which deadline ended a session, or that this could not be told',
    async run(stage) {
      const site = await stage.startSite(SITE);
      const place = await openPlace(await stage.newPage(), site.url);
      const { panel } = place;
      const loggedIn = async () => {
        await take(place, "POST /login");
        await expectContents(panel, /username: "john_doe"/);
      };
      const expectGone = async (words: RegExp) => {
        await take(place, "GET /read");
        await panel.click({ role: "tab", name: "Why?" });
        await expectWhy(panel, words);
        await panel.click({ role: "tab", name: "Contents" });
      };
      await loggedIn();
      await take(place, "GET /advance/900");
      await expectGone(/is over: it had ended at .*, 15 minutes after [^(]* last prolonged it \(idleAge\)/);

      await loggedIn();
      for (const path of ["/advance/800", "/read", "/advance/800", "/read", "/advance/200"])
        await take(place, `GET ${path}`);
      await expectGone(/is over: it had ended at .*, 30 minutes after POST \/login, \d+ \(absoluteAge\)/);

      await loggedIn();
      await take(place, "GET /end-all");
      await expectGone(/so it was ended before, .*Which of them could not be told/);
    },
  },
];
