/** Two apps on one host with one cookie name: which one overwrote whose session, at which request, and the cure, tried. */
import { connect, createServer } from "node:net";
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { withAccess } from "../other-extension.ts";
import { expectPage, expectRows, PARTS, SHOWN_MS } from "../panel.ts";
import { take } from "../play-rules.ts";
import type { Scenario, Stage } from "../scenario.ts";

const SITE = "tests/e2e/sites/why.ts";
/** What is said if one server overwrote the cookie of another. */
const ACCUSED = /(?:replaced|deleted) sessionid, which|both set sessionid|Cookies ignore ports/;

/** A login that made a session. */
const LOGIN = /POST \/login.*\+user_id/;

export const collisions: readonly Scenario[] = [
  {
    name: "two apps with one cookie name: Why? says which one overwrote whose session, and at which request",
    async run(stage) {
      const [a, b] = [(await stage.startSite(SITE)).url, (await stage.startSite(SITE)).url];
      const { page, panel } = await openOn(stage, a);
      await take({ page, url: a }, "POST /login");
      await expectRows(panel, LOGIN);

      await visit(page, b, "POST /login");
      await expectRows(panel, LOGIN, /GET \/ 200/, LOGIN);
      const told = `The response to \\d+ · POST /login of ${b} replaced sessionid, which ${a} had set at \\d+ · POST /login\\.`;
      // Until the first app answers again, both may be one app that was restarted.
      await expectWhy(panel, "/login", told, "If these are two apps: open");
      expect(await findings(panel)).toBe("");

      await page.goto(`${a}/`);
      await expectPage(page, /Why/);
      const cure = `Open ${b} as ${elsewhere(b)}, or give one of the two another name than sessionid\\.`;
      await expectWhy(panel, "/login", told, `Cookies ignore ports\\. ${cure}`);
      await expectRows(panel, LOGIN, new RegExp(`POST /login.*overwrote sessionid of ${a.slice(7)}`));
      await panel.click({ role: "button", name: "Now" });
      await expectWhy(panel, null, told, cure);
      await expect
        .poll(() => findings(panel), { timeout: SHOWN_MS })
        .toMatch(new RegExp(`${told} .*${cure}`));
      expect(await banner(panel)).toContain(`open it as ${elsewhere(a)}`);

      await take({ page, url: a }, "GET /read");
      const lost = (row: string) =>
        `${row} was then sent with another sessionid, for which ${a} has no session\\.`;
      await expectWhy(panel, "/read", told, lost("GET /read"));
      expect(await why(panel, "/read")).not.toMatch(/in turn/);
      // A change begins a new session, whose cookie logs the other app out.
      await take({ page, url: a }, "GET /set/cart");
      const inTurn = `Its response replaced the sessionid of ${b} in turn\\.`;
      await expectWhy(panel, "/set/cart", told, `${lost("GET /set/cart")} ${inTurn}`);
    },
  },
  {
    name: "a logout of one app that deletes the other's cookie is named in both apps' rows",
    async run(stage) {
      const [a, b] = [(await stage.startSite(SITE)).url, (await stage.startSite(SITE)).url];
      const { page, panel } = await openOn(stage, a);
      await take({ page, url: a }, "POST /login");
      await expectRows(panel, LOGIN);
      await visit(page, b, "GET /logout");
      await expectRows(panel, LOGIN, /GET \/logout/);
      await visit(page, a, "GET /read");
      const deleted = `GET /logout of ${b} deleted sessionid, which ${a} had set at \\d+ · POST /login\\.`;
      await expectWhy(panel, "/logout", deleted, "Cookies ignore ports");
      const lost = `GET /read was therefore sent without it, and ${a} found no session\\.`;
      await expectWhy(panel, "/read", `${deleted} ${lost}`);
    },
  },
  {
    name: "an app that is opened as app.localhost keeps its session, and the other app keeps its own",
    async run(stage) {
      const [a, b] = [(await stage.startSite(SITE)).url, elsewhere((await stage.startSite(SITE)).url)];
      const { page, panel } = await openOn(stage, a);
      await take({ page, url: a }, "POST /login");
      await expectRows(panel, LOGIN);
      await visit(page, b, "POST /login");
      await expectRows(panel, LOGIN, LOGIN);
      await visit(page, a, "GET /read");
      await expectWhy(panel, "/read", "read the session and did not change its data");
      await visit(page, b, "GET /needless");
      await expectWhy(panel, "/needless", "stored although nothing in it had changed");
      for (const row of ["/read", "/needless", "/login"]) expect(await why(panel, row)).not.toMatch(ACCUSED);
      expect((await findings(panel)) + (await banner(panel))).toBe("");
    },
  },
  {
    name: "one app at two addresses is not accused of overwriting its own cookie",
    async run(stage) {
      const { url } = await stage.startSite(SITE);
      const forwarded = await forward(stage, Number(new URL(url).port));
      const { page, panel } = await openOn(stage, url);
      await take({ page, url }, "POST /login");
      await expectRows(panel, LOGIN);
      await visit(page, forwarded, "POST /login");
      await expectRows(panel, LOGIN, /POST \/login.*new key/);
      await visit(page, url, "GET /read");
      await expectWhy(panel, "/read", "read the session and did not change its data");
      await expectWhy(panel, "/login", "got a new key");
      for (const row of ["/read", "/login", null]) expect(await why(panel, row)).not.toMatch(ACCUSED);
      expect((await findings(panel)) + (await banner(panel))).toBe("");
    },
  },
  {
    name: "__Host- keeps no other port from overwriting a cookie",
    inField: ["chromium", "firefox"],
    async run(stage) {
      const host = "app.test";
      const driver = await stage.startBrowser({ hosts: [host], extension: await withAccess(stage, host) });
      const page = await driver.newPage();
      const held: string[][] = [];
      // Over https: Firefox refuses the prefix over plain http, also from this machine.
      for (const value of ["of-a", "of-b"]) {
        const site = await stage.startSite("tests/e2e/sites/asked.ts", { SECURE: "1" });
        const set = encodeURIComponent(`__Host-id=${value}; Path=/; Secure; HttpOnly`);
        const url = `https://${host}:${/https (\d+)/.exec(site.output())?.[1]}/`;
        await page.goto(`${url}?set=${set}`);
        held.push((await driver.cookies(url)).map((cookie) => `${cookie.name}=${cookie.value}`));
      }
      expect(held).toEqual([["__Host-id=of-a"], ["__Host-id=of-b"]]);
    },
  },
];

async function openOn(stage: Stage, url: string): Promise<{ page: SitePage; panel: Surface }> {
  const page = await stage.newPage();
  await page.goto(`${url}/`);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel() };
}

/** Goes to the site's page, and takes a step there. */
async function visit(page: SitePage, url: string, step: string): Promise<void> {
  await page.goto(`${url}/`);
  await expectPage(page, /Why/);
  await take({ page, url }, step);
}

/** The cure, by hand: the same port under another name of this machine. */
function elsewhere(url: string): string {
  return url.replace("localhost", "app.localhost");
}

/** What "Why?" says of the last row with this path, or of now, with what can be done about it. */
async function why(panel: Surface, path: string | null): Promise<string> {
  if (path !== null) {
    const row = { role: "row", text: path, within: PARTS.requests };
    await expect.poll(() => panel.texts(row), { message: path, timeout: SHOWN_MS }).not.toEqual([]);
    await panel.evaluate(clickLastRow, path);
  }
  await panel.click({ role: "tab", name: "Why?" });
  return panel.evaluate(() => document.querySelector(".reasons")?.textContent ?? "", null);
}

/** Runs in the panel. */
function clickLastRow(path: string): null {
  const rows = [...document.querySelectorAll<HTMLElement>("[role=grid] [role=row][data-id]")];
  const row = rows.findLast((each) => each.querySelector(".cell-path")?.textContent?.split("?")[0] === path);
  for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"])
    row?.dispatchEvent(new MouseEvent(type, { bubbles: true }));
  return null;
}

/** Waits until "Why?" says each of these. */
async function expectWhy(panel: Surface, path: string | null, ...words: string[]): Promise<void> {
  const missing = async () => {
    const said = await why(panel, path);
    return words.every((each) => new RegExp(each).test(said)) ? "nothing" : said;
  };
  await expect.poll(missing, { message: `Why? of ${path}: ${words}`, timeout: SHOWN_MS }).toBe("nothing");
}

/** What the Cookie tab says about another app. */
async function findings(panel: Surface): Promise<string> {
  await panel.click({ role: "tab", name: "Cookie" });
  const all = await panel.texts({ role: "listitem" });
  return all.filter((each) => ACCUSED.test(each)).join();
}

async function banner(panel: Surface): Promise<string> {
  return (await panel.texts({ role: "region", name: "Shared cookie" })).join();
}

/** A second address of a server: passes everything on to its port. */
async function forward(stage: Stage, to: number): Promise<string> {
  const server = createServer((socket) => {
    const far = connect(to, "127.0.0.1");
    socket.on("error", () => far.destroy());
    far.on("error", () => socket.destroy());
    socket.pipe(far).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stage.later(async () => void server.close());
  return `http://localhost:${Object(server.address()).port}`;
}
