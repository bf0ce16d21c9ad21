/**
 * Plays what other tools told people wrongly about their cookies: each scenario names the public report. The truth is
 * read from the browser itself; then "Why?" must say it, and not what the report was told.
 */
import { expect } from "@playwright/test";
import type { BrowserDriver, Plain, SitePage, Surface } from "../e2e/driver.ts";
import { withAccess } from "../e2e/other-extension.ts";
import { expectRows, PARTS, readCookies, SHOWN_MS } from "../e2e/panel.ts";
import type { Scenario, Stage } from "../e2e/scenario.ts";

const SITE = "tests/e2e/sites/asked.ts";
const HOUR_MS = 3_600_000;

interface Play {
  driver: BrowserDriver;
  page: SitePage;
  panel: Surface;
  /** The site under another host name. */
  at(host: string): string;
  /** The same over https; only if it was started with https. */
  secureAt(host: string): string;
}

/** Headers and Set-Cookie lines of the site's response. */
interface Asked {
  set?: string[];
  header?: string;
  to?: string;
}

function address(path: string, { set = [], header, to }: Asked = {}): string {
  const asked = new URLSearchParams(set.map((line) => ["set", line]));
  if (header !== undefined) asked.set("header", header);
  if (to !== undefined) asked.set("to", to);
  return `${path}?${asked}`;
}

/** A cookie as Express names and signs it: it is recognised as a session cookie. */
function session(id: string, attributes: string): string {
  return `connect.sid=s%3A${id.padEnd(32, "x")}.${"y".repeat(43)}; ${attributes}`;
}

/** @param named a browser to which the host is this machine, and whose extension may read it */
async function begin(stage: Stage, host: string, path = "/", named = false): Promise<Play> {
  const site = await stage.startSite(SITE, named ? { SECURE: "1" } : {});
  const at = (name: string) => site.url.replace("localhost", name);
  const secureAt = (name: string) => `https://${name}:${/https (\d+)/.exec(site.output())?.[1]}`;
  const driver = named
    ? await stage.startBrowser({ hosts: [host], extension: await withAccess(stage, host) })
    : stage.driver;
  const page = named ? await driver.newPage() : await stage.newPage();
  await page.goto(at(host) + path);
  const tools = await page.openTools();
  return { driver, page, panel: await tools.showPanel(), at, secureAt };
}

/** A fetch by a script of the page; waits for its row. */
async function call({ page, panel }: Play, url: string, options: Plain = {}): Promise<void> {
  await page.evaluate(
    async ([to, init]) => {
      await fetch(String(to), Object(init)).catch(() => null); // a refusal by CORS is a response, too
      return null;
    },
    [url, options] as Plain[],
  );
  await expectRows(panel, new RegExp(`${new URL(url).pathname}\\b`));
}

async function why(panel: Surface, path: string): Promise<string> {
  await panel.click({ role: "row", text: path, within: PARTS.requests });
  await panel.click({ role: "tab", name: "Why?" });
  return (await panel.texts({ role: "tabpanel" })).join(" ");
}

/** Waits until the row's "Why?" says the first, and not the second. */
async function expectWhy(panel: Surface, path: string, right: RegExp, wrong: RegExp): Promise<void> {
  await expect
    .poll(
      async () => {
        const said = await why(panel, path);
        return right.test(said) && !wrong.test(said) ? "true" : said;
      },
      { message: `Why? of ${path}: ${right}, not ${wrong}`, timeout: SHOWN_MS },
    )
    .toBe("true");
}

async function expectJar({ driver }: Play, url: string, names: string[]): Promise<void> {
  const read = async () => (await driver.cookies(url)).map(({ name }) => name);
  await expect.poll(read, { message: "what the browser holds" }).toEqual(names);
}

/** Waits until the panel lists this many cookies, so that it knows what the browser has. */
async function expectListed({ panel }: Play, count: number): Promise<void> {
  await expect.poll(() => readCookies(panel), { timeout: SHOWN_MS }).toHaveLength(count);
}

export const reports: readonly Scenario[] = [
  {
    // https://github.com/topoteretes/cognee/issues/4582
    name: "a session of a host that the page has left is not called gone",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const kept = session("one", "Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
      const guest = session("two", "Path=/; HttpOnly; SameSite=Lax");
      await play.page.goto(play.at("localhost") + address("/login", { set: [kept] }));
      const to = play.at("127.0.0.1") + address("/dashboard", { set: [guest] });
      await play.page.goto(play.at("localhost") + address("/go", { to }));
      await expectRows(play.panel, /\/login/, /\/go/, /\/dashboard/);
      await expectJar(play, play.at("localhost"), ["connect.sid"]);
      await expectWhy(play.panel, "/go", /This request set no cookie/, /is gone|evicted/);
      await expectWhy(play.panel, "/login", /connect\.sid is new/, /did nothing/);
    },
  },
  {
    // https://github.com/nextcloud/server/pull/12006
    name: "a session that Clear-Site-Data deleted is not called evicted, and its login is not said to have had no effect",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const site = play.at("localhost");
      const line = session("one", "Path=/; HttpOnly; Max-Age=3600");
      await call(play, site + address("/login", { set: [line] }));
      await expectListed(play, 1);
      await call(play, site + address("/cached", { header: 'Clear-Site-Data: "cache"' }));
      await expectJar(play, site, ["connect.sid"]);
      await expectWhy(play.panel, "/cached", /This request set no cookie/, /Clear-Site-Data/);
      await call(play, site + address("/logout", { header: 'Clear-Site-Data: "cookies"' }));
      await expectJar(play, site, []);
      await expectListed(play, 0);
      await expectWhy(play.panel, "/login", /connect\.sid is new/, /did nothing/);
      await expectWhy(
        play.panel,
        "/logout",
        /connect\.sid is gone: GET \/logout answered with Clear-Site-Data/,
        /evicted|no session cookie/,
      );
    },
  },
  {
    // https://github.com/fastify/session/issues/345
    name: "a deletion under another Path is not said to have deleted the cookie",
    async run(stage) {
      const play = await begin(stage, "localhost", "/admin/");
      const site = play.at("localhost");
      const one = session("one", "Path=/admin; HttpOnly; Max-Age=3600");
      const rolled = session("one", "Path=/admin; HttpOnly; Max-Age=7200");
      await call(play, site + address("/admin/login", { set: [one] }));
      await call(play, site + address("/admin/logout", { set: ["connect.sid=; Path=/; Max-Age=0"] }));
      await expectJar(play, `${site}/admin/`, ["connect.sid"]);
      const asked = /told the browser to delete connect\.sid with Path \/\./;
      const stays = new RegExp(`${asked.source} The browser holds one with Path /admin, which .* stays`);
      await expectWhy(play.panel, "/admin/logout", stays, /did nothing|is gone/);
      await call(play, site + address("/admin/roll", { set: [rolled] }));
      await expectWhy(play.panel, "/admin/logout", asked, /is gone|stays/);
      await expectWhy(play.panel, "/admin/roll", /renewed/, /is new/);
    },
  },
  {
    // https://github.com/JakeChampion/fetch/issues/386
    name: "a Set-Cookie to a fetch without credentials is not said to have changed the cookie",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const api = (await stage.startSite(SITE)).url;
      const one = session("one", "Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
      const two = session("two", "Path=/; HttpOnly; SameSite=Lax; Max-Age=3600");
      await call(play, api + address("/login", { set: [one] }), { method: "POST", credentials: "include" });
      await expectWhy(play.panel, "/login", /connect\.sid was set by/, /another site|credentials/);
      await call(play, api + address("/omitted", { set: [two] }), { method: "POST" });
      const [kept] = await stage.driver.cookies(api);
      expect(kept?.value).toContain("one");
      const perhaps = /ignore Set-Cookie on a fetch without credentials.*cannot tell/;
      await expectWhy(play.panel, "/omitted", perhaps, /replaced|did nothing|another site/);
      const gone = ["connect.sid=; Path=/; Max-Age=0"];
      await call(play, api + address("/logout", { set: gone }), { method: "POST" });
      await expectJar(play, api, ["connect.sid"]);
      await expectWhy(play.panel, "/logout", perhaps, /is gone|did nothing/);
    },
  },
  {
    // https://github.com/js-cookie/js-cookie/issues/804
    name: "a cookie that another host of the domain set is not said to be a script's",
    async run(stage) {
      const play = await begin(stage, "www.shop.localhost");
      await play.page.goto(`${play.at("www.shop.localhost")}/app`);
      const wide = "PHPSESSID=abcdefghij0123456789abcdef; Path=/; Domain=shop.localhost";
      await call(play, play.at("api.shop.localhost") + address("/login", { set: [wide] }), {
        method: "POST",
        credentials: "include",
      });
      await expectListed(play, 1);
      await expectWhy(play.panel, "/app", /This request set no cookie/, /script|another tab/);
      await expectWhy(play.panel, "/login", /server sent PHPSESSID|PHPSESSID was set by/, /script/);
    },
  },
  {
    // https://github.com/httpie/cli/issues/1308
    name: "a Secure cookie that localhost sets is not said to be withheld from it",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const set = [session("one", "Path=/; HttpOnly; Secure; SameSite=Lax")];
      await call(play, play.at("localhost") + address("/login", { set }));
      await expectListed(play, 1);
      await expectWhy(play.panel, "/login", /is new/, /was not sent|refused/);
    },
  },
  {
    // https://github.com/oauth2-proxy/oauth2-proxy/issues/2696
    name: "an Expires from another clock is judged as the browser judges it",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const site = play.at("localhost");
      for (const [path, hours] of [
        ["/behind", -2],
        ["/ahead", 2],
        ["/right", 0],
      ] as const) {
        const server = Date.now() + hours * HOUR_MS;
        const expires = new Date(server + HOUR_MS / 2).toUTCString();
        const line = session(path.slice(1), `Path=/; HttpOnly; Expires=${expires}`);
        const header = `Date: ${new Date(server).toUTCString()}`;
        await call(play, site + address(path, { set: [line], header }));
        const [stored] = await stage.driver.cookies(site);
        const left = Number(stored?.expirationDate) * 1000 - Date.now();
        expect(Math.abs(left - HOUR_MS / 2)).toBeLessThan(60_000);
        const told =
          hours === 0 ? /replaced/ : /was dated \d hours? (?:ahead of|behind) .* corrected the Expires/;
        await expectWhy(play.panel, path, told, hours === 0 ? /corrected/ : /dropped|already passed/);
      }
    },
  },
  {
    // https://github.com/oven-sh/bun/pull/32967
    name: "an age and a date that browsers cannot read are reported as such",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const site = play.at("localhost");
      const iso = new Date(Date.now() + HOUR_MS).toISOString();
      for (const [path, attribute] of [
        ["/half", "Max-Age=3600.5"],
        ["/endless", "Max-Age=Infinity"],
        ["/iso", `Expires=${iso}`],
      ] as const) {
        const line = session(path.slice(1), `Path=/; HttpOnly; ${attribute}`);
        await call(play, site + address(path, { set: [line] }));
        expect((await stage.driver.cookies(site)).map(({ expirationDate }) => expirationDate)).toEqual([
          null,
        ]);
        const said = new RegExp(
          `ends when the browser closes, although the server sent ${attribute}: .* cannot read`,
        );
        await expectWhy(play.panel, path, said, /as the server sent it/);
      }
    },
  },
  {
    // https://github.com/zaproxy/zaproxy/issues/1142
    name: "a failed login, or a request that is not a login, is not called session fixation",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const site = play.at("localhost");
      const line = session("one", "Path=/; HttpOnly; SameSite=Lax");
      await call(play, site + address("/start", { set: [line] }));
      await expectListed(play, 1);
      for (const path of ["/login", "/authors"]) await call(play, site + path, { method: "POST" });
      await expectWhy(play.panel, "/login", /If someone logged in/, /^$/);
      await expectWhy(play.panel, "/authors", /This request set no cookie/, /looks like a login/);
    },
  },
  {
    // https://github.com/js-cookie/js-cookie/issues/52
    name: "with two cookies of one name, each request counts those that were sent to it",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const site = play.at("localhost");
      const [root, app] = [
        session("root", "Path=/; HttpOnly; SameSite=Lax"),
        session("app", "Path=/app; HttpOnly; SameSite=Lax"),
      ];
      await call(play, site + address("/first", { set: [root] }));
      await call(play, site + address("/app/second", { set: [app] }));
      await expectListed(play, 2);
      await call(play, `${site}/third`);
      await expectWhy(play.panel, "/third", /This request set no cookie/, /sends all/);
      await expectWhy(play.panel, "/app/second", /There are 2 cookies named connect\.sid/, /replaced/);
    },
  },
  {
    // https://github.com/microsoft/playwright/issues/35598
    name: "a deletion in a partition is not said to have deleted the cookie outside of it",
    async run(stage) {
      const play = await begin(stage, "localhost");
      const site = play.at("localhost");
      const flags = "Path=/; HttpOnly; Secure; SameSite=None";
      const gone = [`connect.sid=; ${flags}; Max-Age=0; Partitioned`];
      await call(play, site + address("/login", { set: [session("one", `${flags}; Max-Age=3600`)] }));
      await expectListed(play, 1);
      await call(play, site + address("/logout", { set: gone }));
      const said = /delete connect\.sid in a partition\. The browser holds one outside any partition/;
      await expectWhy(play.panel, "/logout", said, /is gone|did nothing/);
      const titles = await play.panel.attributes({ role: "time", within: PARTS.cookies }, "title");
      expect(titles.join()).toContain("Max-Age 3600");
    },
  },
  {
    // https://github.com/goauthentik/authentik/issues/4625
    name: "a Set-Cookie over plain http is said to be blocked by the Secure cookie of https",
    async run(stage) {
      const play = await begin(stage, "app.test", "/", true);
      const safe = session("safe", "Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600");
      const plain = session("plain", "Path=/; HttpOnly; SameSite=Lax; Max-Age=7200");
      await play.page.goto(play.secureAt("app.test") + address("/login", { set: [safe] }));
      await expectListed(play, 1);
      await expectWhy(play.panel, "/login", /is new|was set by/, /refused/);
      await play.page.goto(play.at("app.test") + address("/plain-login", { set: [plain] }));
      await expectRows(play.panel, /\/plain-login/);
      const held = (await play.driver.cookies(`${play.secureAt("app.test")}/`)).map(({ value }) => value);
      expect(held.join()).toMatch(/^s%3Asafex/);
      const said = /refused connect\.sid: it holds a Secure cookie of that name .* over plain http/;
      await expectWhy(play.panel, "/plain-login", said, /replaced|both set|is new|was set by/);
      await play.page.goto(play.secureAt("app.test") + address("/again", { set: [plain] }));
      await expectRows(play.panel, /\/again/);
      await expectWhy(
        play.panel,
        "/again",
        /what the browser had before is not known/,
        /refused|replaced|renewed|both set/,
      );
    },
  },
  {
    // https://github.com/gitroomhq/postiz-app/issues/1143
    name: "a Domain that may be a public suffix is reported as a possibility when the cookie is missing",
    async run(stage) {
      const host = "shop.herokuapp.com";
      const play = await begin(stage, host, "/", true);
      const site = play.at(host);
      const [wide, own] = [
        session("wide", "Path=/; HttpOnly; SameSite=Lax; Domain=herokuapp.com"),
        session("own", `Path=/; HttpOnly; SameSite=Lax; Domain=${host}`),
      ];
      await call(play, site + address("/wide", { set: [wide] }));
      await expectJar(play, site, []);
      await expectWhy(play.panel, "/wide", /If herokuapp\.com is a public suffix.*cannot tell/, /refused/);
      await call(play, site + address("/own", { set: [own] }));
      await expectJar(play, site, ["connect.sid"]);
      await expectWhy(play.panel, "/own", /connect\.sid is new/, /suffix/);
    },
  },
];
