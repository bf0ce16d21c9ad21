/** A Django site with the package: the tab shows what each request did to its session, and edits it. */
import { expect } from "@playwright/test";
import type { ProjectOptions, ServeOptions, SiteServer } from "../../django-package/site.ts";
import type { DjangoSeries } from "../../interop/django-packages.ts";
import type { Surface } from "../driver.ts";
import {
  expectContents,
  expectPage,
  expectRows,
  expectText,
  PARTS,
  readContents,
  readRows,
  readSecondsLeft,
  readText,
  SHOWN_MS,
} from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import {
  fetchAtOnce,
  fetchInTurn,
  lineOf,
  logInAsAdmin,
  logOutAsAdmin,
  openTracedDjango,
} from "../sites/django-traced.ts";

const BOTH: Scenario["inField"] = ["chromium", "firefox"];

/** What `npm test` plays, and what `npm run test:field` plays as well. */
const SERVED: readonly { series: DjangoSeries; server: SiteServer; inField?: Scenario["inField"] }[] = [
  { series: "5.2", server: "runserver" },
  { series: "3.2", server: "gunicorn", inField: ["chromium"] },
  { series: "3.2", server: "runserver", inField: BOTH },
  { series: "5.2", server: "gunicorn", inField: BOTH },
  { series: "3.2", server: "uvicorn", inField: BOTH },
  { series: "5.2", server: "uvicorn", inField: BOTH },
  { series: "5.2", server: "daphne", inField: BOTH },
];

const FILE_CACHE = {
  engine: "cache",
  settings: `CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": BASE_DIR / "cache"}}`,
};

const VISITS = { role: "textbox", name: "Value of visits" };

const TWO_WEEKS = 14 * 24 * 3600;

export const djangoTraces: readonly Scenario[] = [
  ...SERVED.flatMap(({ inField, ...served }, at) => [
    { ...login(served), ...(inField ? { inField } : {}) },
    { ...guide(served), ...(at === 0 ? {} : { inField: BOTH }) },
  ]),
  edit("db", { series: "5.2", server: "runserver" }),
  { ...edit("a cache of files", { series: "3.2", server: "gunicorn", ...FILE_CACHE }), inField: BOTH },
  { ...lostUpdate({ series: "3.2", server: "gunicorn" }), inField: ["chromium"] },
  { ...lostUpdate({ series: "5.2", server: "gunicorn" }), inField: BOTH },
  { ...unmarked({ series: "5.2", server: "runserver" }), inField: ["firefox"] },
  { ...unmarked({ series: "3.2", server: "gunicorn" }), inField: BOTH },
  {
    name: "Django's signed cookies are traced and shown, and editing them is disabled with its reason",
    inField: ["firefox"],
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, {
        series: "5.2",
        engine: "signed_cookies",
      });
      await page.goto(`${site.url}/enter/`);
      await expectRows(panel, /GET \/enter\/ 200 .*\+user_id/);
      await expectContents(panel, /user_id: 123/);
      await expect
        .poll(() => panel.attributes(PARTS.contents, "aria-readonly"), { timeout: SHOWN_MS })
        .toEqual(["true"]);
      await panel.click({ role: "row", name: "user_id", within: PARTS.contents }, { double: true });
      await expectText(panel, /Not editable: the bridge does not offer this for the engine signed_cookies/);
      expect(await panel.texts({ role: "textbox", name: "Value of user_id" })).toEqual([]);
    },
  },
  {
    name: "sessions in the memory of a Django site's process are traced, and the panel says why it cannot read them",
    inField: ["firefox"],
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, { series: "5.2", engine: "cache" });
      await page.goto(`${site.url}/enter/`);
      await expectRows(panel, /GET \/enter\/ 200 .*\+user_id/);
      await expectText(panel, /The stored session cannot be read from outside/);
      await panel.click({ role: "row", text: "/enter/", within: PARTS.requests });
      await expectContents(panel, /user_id: 123/);
    },
  },
];

type Served = ProjectOptions & ServeOptions;

function sayServed({ series, server }: Served): string {
  return `Django ${series} under ${server === "gunicorn" ? "gunicorn with 2 workers" : server}`;
}

function login(served: Served): Scenario {
  return {
    name: `the login of a stock admin shows Django's keys, the new key and the cookie's countdown, and the logout flushes: ${sayServed(served)}`,
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, served);
      await logInAsAdmin(page, site.url);
      await expectRows(panel, /GET \/admin\/login\//, /POST \/admin\/login\/\S* 302/, /GET \/admin\/ 200/);
      const chips = async () => (await chipsOf(panel, "POST", "/admin/login/")).sort();
      await expect
        .poll(chips, { timeout: SHOWN_MS })
        .toEqual(["+_auth_user_backend", "+_auth_user_hash", "+_auth_user_id", "new key"]);
      await expectContents(panel, /_auth_user_id: "1"/);
      // no line of the site's code wrote what Django wrote
      expect((await readContents(panel)).filter((row) => /\.py/.test(row))).toEqual([]);
      expect(await titlesOf(panel)).not.toMatch(/\.py|[Ww]ritten by/);
      const left = (await readSecondsLeft(panel, "sessionid")) ?? 0;
      expect(left).toBeGreaterThan(TWO_WEEKS - 120);
      expect(left).toBeLessThanOrEqual(TWO_WEEKS);
      await expect
        .poll(() => readSecondsLeft(panel, "sessionid"), { timeout: SHOWN_MS })
        .toBeLessThan(left - 1);

      await logOutAsAdmin(page);
      await expectRows(panel, /(GET|POST) \/admin\/logout\/ 200 .*flushed 3 keys/);
      await expect.poll(() => readContents(panel), { timeout: SHOWN_MS }).toEqual([]);
      expect((await readRows(panel)).join("\n")).not.toContain("reading");
    },
  };
}

function guide(served: Served): Scenario {
  return {
    name: `a view that logs in as in Django's guide is named with its line: ${sayServed(served)}`,
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, served);
      await page.goto(`${site.url}/count/`);
      await page.goto(`${site.url}/enter/`);
      await expectRows(panel, /GET \/count\/ 200 .*\+visits/, /GET \/enter\/ 200 .*\+user_id.*new key/);
      await expectContents(panel, /user_id: 123.*views\.py:\d+/);
      const line = lineOf("enter", 'request.session["user_id"] = 123');
      expect((await readContents(panel)).join("\n")).toMatch(
        new RegExp(`user_id: 123.*${line.split("/").at(-1)}\\b`),
      );
      await panel.click({ role: "row", text: "/enter/", within: PARTS.requests });
      await panel.click({ role: "tab", name: "Changes" });
      const changes = () => panel.texts({ role: "row", within: { role: "region", name: "Changes" } });
      await expect.poll(changes, { timeout: SHOWN_MS }).toContain(`+ user_id ${line} – 123`);
      expect(await titlesOf(panel)).toContain(`user_id was added by ${line}`);
    },
  };
}

function edit(store: string, served: Served): Scenario {
  return {
    name: `an edit in the tab shows in Django's next response, a conflict with Django's own write is shown, and a logout flushes: ${store}`,
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, served);
      await logInAsAdmin(page, site.url);
      await page.goto(`${site.url}/count/`);
      await expectContents(panel, /visits: 1.*views\.py/);
      await openVisits(panel);
      await panel.fill(VISITS, "40");
      await panel.press("Enter");
      await expectContents(panel, /visits: 40/);
      await expectRows(panel, /changed in this panel.*~visits/);
      await page.goto(`${site.url}/show/`);
      await expectPage(page, /\('visits', 40\)/);

      await openVisits(panel);
      await page.goto(`${site.url}/count/`);
      await expectPage(page, /Visit 41\./);
      await panel.fill(VISITS, "7");
      await panel.press("Enter");
      const conflict = { role: "region", name: "Conflict" };
      await expect.poll(() => panel.texts(conflict), { timeout: SHOWN_MS }).toHaveLength(1);
      expect((await panel.texts(conflict)).join()).toMatch(/visits is now 41.*40 7 41/);
      await panel.click({ role: "button", name: "Overwrite", within: conflict });
      await expectContents(panel, /visits: 7/);
      await page.goto(`${site.url}/show/`);
      await expectPage(page, /\('visits', 7\)/);

      await page.goto(`${site.url}/admin/`);
      await logOutAsAdmin(page);
      await expectRows(panel, /\/admin\/logout\/ 200 .*flushed 4 keys/);
      await expect.poll(() => readContents(panel), { timeout: SHOWN_MS }).toEqual([]);
    },
  };
}

/** Opens the field of that value. */
async function openVisits(panel: Surface): Promise<void> {
  await panel.click({ role: "row", name: "visits", within: PARTS.contents }, { double: true });
  await expect.poll(() => panel.texts(VISITS), { timeout: SHOWN_MS }).toHaveLength(1);
}

function lostUpdate(served: Served): Scenario {
  return {
    name: `an update that one view lost by another is named in both rows: ${sayServed(served)}`,
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, served);
      await page.goto(`${site.url}/cart/`);
      const [short, long] = ["/slow/?key=cake&seconds=0.5&value=a", "/slow/?key=tea&seconds=2&value=b"];
      await fetchAtOnce(page, long, short);
      await expectRows(panel, /GET \/slow\/\?key=tea\S* 200 .*lost update/);
      await expectContents(panel, /tea: "b"/);
      expect((await readContents(panel)).join("\n")).not.toContain("cake");
      const rows = await readRows(panel);
      const numberOf = (key: string) => rows.find((row) => row.includes(`key=${key}`))?.split(" ")[0];
      await expectWhy(
        panel,
        "key=tea",
        new RegExp(
          `A change is lost: GET /slow/, ${numberOf("cake")} wrote “cake” while.*select_for_update\\(\\)`,
        ),
      );
      await expectWhy(
        panel,
        "key=cake",
        new RegExp(`What this request wrote to “cake” is lost: GET /slow/, ${numberOf("tea")} overlapped it`),
      );
      await fetchInTurn(page, short, long);
      await expectRows(panel, /lost update/, /key=cake\S* 200/, /key=tea\S* 200/);
      expect((await readRows(panel)).at(-1)).not.toContain("lost update");
    },
  };
}

function unmarked(served: Served): Scenario {
  return {
    name: `a change inside a value that Django did not notice is shown with its line and the remedy, and none if it was marked: ${sayServed(served)}`,
    async run(stage) {
      const { panel, page, site } = await openTracedDjango(stage, served);
      await page.goto(`${site.url}/cart/`);
      await page.goto(`${site.url}/unmarked/`);
      await expectPage(page, /2/);
      await expectRows(panel, /GET \/cart\/ 200 .*\+cart/, /GET \/unmarked\/ 200 .*will not be saved/);
      await expectContents(panel, /cart: [\s\S]*boots/);
      expect((await readContents(panel)).join("\n")).not.toContain("laces");
      const line = lineOf("unmarked", "len(request.session");
      await expectWhy(
        panel,
        "/unmarked/",
        new RegExp(`the value of “cart” differed.*last read by ${line}, `),
      );
      await expectWhy(panel, "/unmarked/", /Set request\.session\.modified = True/);

      await page.goto(`${site.url}/marked/`);
      await expectRows(panel, /will not be saved/, /GET \/marked\/ 200 .*~cart/);
      expect((await readRows(panel)).filter((row) => row.includes("will not be saved"))).toHaveLength(1);
      await panel.click({ role: "row", text: "/marked/", within: PARTS.requests });
      await expectText(panel, /GET \/marked\//);
      expect(await readText(panel)).not.toMatch(/not marked as modified/);
      await panel.click({ role: "tab", name: "Contents" });
      await expectContents(panel, /cart: [\s\S]*laces/);
    },
  };
}

/** Waits until "Why?" of that row says this. */
async function expectWhy(panel: Surface, path: string, words: RegExp): Promise<void> {
  await panel.click({ role: "row", text: path, within: PARTS.requests });
  await panel.click({ role: "tab", name: "Why?" });
  const why = async () => (await panel.texts({ role: "region", name: "Why:" })).join(" ");
  await expect.poll(why, { timeout: SHOWN_MS }).toMatch(words);
}

/** The chips of the first row of that method whose path contains this, including those that do not fit. */
function chipsOf(panel: Surface, method: string, path: string): Promise<string[]> {
  return panel.evaluate(
    ([of = "", part = ""]) => {
      const rows = [...document.querySelectorAll("[role=grid][aria-label=Requests] [data-id]")];
      const row = rows.find(
        (one) =>
          one.querySelector(".cell-method")?.textContent === of &&
          one.querySelector(".cell-path")?.getAttribute("title")?.includes(part),
      );
      const chips = [...(row?.querySelectorAll(".chip:not(.chip-more)") ?? [])];
      return chips.map((chip) => chip.textContent ?? "");
    },
    [method, path],
  );
}

/** Every title that the panel has, one a line. */
function titlesOf(panel: Surface): Promise<string> {
  return panel.evaluate(
    () => [...document.querySelectorAll<HTMLElement>("[title]")].map(({ title }) => title).join("\n"),
    null,
  );
}
