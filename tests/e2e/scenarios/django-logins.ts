/** Logins in a Django site with `django.contrib.auth`: each row is compared with what the site itself recorded. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { expectPage, expectText, PARTS, readAllRows, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";
import { type DjangoTruth, type LoginSite, startLoginSite, USER } from "../sites/django-logins.ts";

/** What a row of the timeline says. */
interface Row {
  /** Absent in a row that is not a request. */
  method: string | null;
  url: string | null;
  chips: string[];
}

/** Every false claim in the rows, one line each, and how many changes are attributed to their requests. */
export interface Comparison {
  faults: string[];
  changes: number;
  credited: number;
  spans: number;
}

/** Logins per tab, few enough that its timeline keeps all of their rows, and the number of tabs. */
const LOGINS = 20;
const TABS = 10;

/** Two hundred logins; in every second tab the visitor waits for each row before the next step. */
export const manyLogins: readonly Scenario[] = Array.from({ length: TABS }, (_, tab) => ({
  name: `${LOGINS} logins, tab ${tab + 1} of ${TABS}: no row says something that the site did not do`,
  async run(stage) {
    const { faults, changes, credited, spans } = await compareLogins(stage, LOGINS, tab % 2 === 0);
    const counted = `${changes} changes, ${credited} credited, ${spans} spans, ${faults.length} faults`;
    console.log([`${stage.driver.version}, tab ${tab + 1}: ${counted}`, ...faults].join("\n"));
    expect(faults).toEqual([]);
    // A visitor who does not wait may do two things between two readings.
    expect(credited).toBeGreaterThanOrEqual(tab % 2 === 0 ? changes : 1);
  },
}));

/**
 * A number of logins and logouts in one tab, and what the rows say about them.
 *
 * @param looks true: each step waits for the row of the previous one; false: as fast as the browser can
 */
export async function compareLogins(stage: Stage, logins: number, looks: boolean): Promise<Comparison> {
  const site = await startLoginSite();
  stage.later(() => site.close());
  const page = await stage.newPage();
  await page.goto(`${site.url}/`);
  const panel = await (await page.openTools()).showPanel();
  await expectText(panel, /Django [\d.]+ · protocol/);
  /** Waits until the row of the request with this in its address says what it did, and no request is left that may be cancelled. */
  const told = async (part: string, isHome: boolean): Promise<void> => {
    if (isHome) await expectPage(page, /All is loaded\./);
    await expectRow(panel, ({ url, chips }) => url?.includes(part) === true && isChange(chips));
  };
  for (let login = 1; login <= logins; login += 1) await logInAndOut(page, site, login, looks ? told : null);
  // A request that changes nothing is reported after every earlier change.
  let looked = 0;
  const isTold = async (): Promise<boolean> => {
    looked += 1;
    await page.goto(`${site.url}/nearby/?last=${looked}`);
    const rows = await readNewestRows(panel);
    return rows.some(
      ({ url, chips }) => url?.includes("/nearby/?last=") === true && chips.includes("reading"),
    );
  };
  await expect.poll(isTold, { timeout: SHOWN_MS }).toBe(true);
  return compare(await readRows(panel), await site.truth());
}

/** Waits for a row near the end of the timeline; if it does not come, the error lists the rows that are there. */
async function expectRow(panel: Surface, fits: (row: Row) => boolean): Promise<void> {
  const find = async (): Promise<string> => {
    const rows = await readNewestRows(panel);
    return rows.some(fits) ? "there" : rows.map((row) => Object.values(row).join(" ")).join("\n");
  };
  await expect.poll(find, { timeout: SHOWN_MS }).toBe("there");
}

/** The rows in view: the timeline is scrolled to its end. */
async function readNewestRows(panel: Surface): Promise<Row[]> {
  return (await panel.evaluate(rowsInView, PARTS.requests.name)).map(([, row]) => row);
}

/** Some write first, some are slow, some have a request next to them, which a visitor who does not wait cancels. */
async function logInAndOut(
  page: SitePage,
  site: LoginSite,
  number: number,
  told: ((part: string, isHome: boolean) => Promise<void>) | null,
): Promise<void> {
  const look = told ?? (async () => {});
  if (number % 2 === 0) {
    await page.goto(`${site.url}/write/?n=${number}`);
    await expectPage(page, new RegExp(`Written ${number}\\.`));
    await look(`/write/?n=${number}`, false);
  }
  const slow = number % 4 === 1 ? "&slow=0.4" : "";
  await page.goto(`${site.url}/login/?next=/%3Fn=${number}${slow}`);
  await page.fill({ role: "textbox", name: "Username" }, USER.name);
  await page.evaluate(fillPassword, USER.password);
  if (number % 5 === 0) await page.evaluate(fetchBeside, { number, waits: told !== null });
  await page.click({ role: "button", name: "Log in" });
  await expectPage(page, /You are ada\./);
  await look(`/login/?next=/%3Fn=${number}`, true);
  if (number % 3 === 0) {
    await page.goto(`${site.url}/write/?n=${number}b`);
    await look(`/write/?n=${number}b`, false);
    await page.goto(`${site.url}/?n=${number}b`);
    await look(`/write/?n=${number}b`, true);
  }
  await page.click({ role: "button", name: "Log out" });
  await expectPage(page, /You are not logged in\./);
  await look(`/logout/?next=/?out=${number}`, true);
}

/** Runs in the page. */
async function fetchBeside({ number, waits }: { number: number; waits: boolean }): Promise<null> {
  const done = fetch(`/nearby/?during=${number}`);
  if (waits) await done;
  return null;
}

/** Runs in the page: a password field has no role by which `fill` could find it. */
function fillPassword(password: string): null {
  const field = document.querySelector<HTMLInputElement>("input[name=password]");
  if (field === null) throw new Error("there is no field for the password");
  field.value = password;
  return null;
}

/** Every row of the timeline with all of its chips, including those that do not fit. */
async function readRows(panel: Surface): Promise<Row[]> {
  const rows = new Map<number, Row>();
  // `readAllRows` scrolls through them; each row is read where it is shown. A busy browser may draw a page too late.
  const left = async (): Promise<number> => {
    await readAllRows(panel, async () => {
      for (const [at, row] of await panel.evaluate(rowsInView, PARTS.requests.name)) rows.set(at, row);
    });
    const [count] = await panel.attributes(PARTS.requests, "aria-rowcount");
    return Number(count) - 1 - rows.size;
  };
  await expect.poll(left, { message: "rows not seen yet", timeout: SHOWN_MS }).toBeLessThanOrEqual(0);
  return [...rows].sort(([one], [other]) => one - other).map(([, row]) => row);
}

function rowsInView(
  grid: string,
): [number, { method: string | null; url: string | null; chips: string[] }][] {
  return [...document.querySelectorAll(`[role=grid][aria-label=${grid}] [data-id]`)].map((row) => [
    Number(row.getAttribute("aria-rowindex")),
    {
      method: row.querySelector(".cell-method")?.textContent ?? null,
      url: row.querySelector(".cell-path")?.getAttribute("title") ?? null,
      chips: [...row.querySelectorAll(".chip:not(.chip-more)")].map((chip) => chip.textContent ?? ""),
    },
  ]);
}

/** Compares each row with the site's record of the same request; requests for one address are in the same order in both. */
function compare(rows: readonly Row[], truth: readonly DjangoTruth[]): Comparison {
  const left = [...truth];
  const faults: string[] = [];
  let credited = 0;
  let gone = 0;
  for (const { method, url, chips } of rows) {
    if (saysGone(chips)) gone += 1;
    if (url === null) continue;
    const at = left.findIndex((one) => one.method === method && one.url === url);
    const [one] = at === -1 ? [] : left.splice(at, 1);
    const fault = one === undefined ? null : faultOf(chips, one);
    if (fault !== null) faults.push(`${method} ${url}: ${fault}`);
    if (isChange(chips)) credited += 1;
  }
  const ended = truth.filter((one) => one.gone).length;
  if (gone > ended) faults.push(`${gone} sessions are said to be gone, and ${ended} are`);
  const missing = left.filter(({ url }) => /\/(?:login|logout|write)\//.test(url));
  faults.push(...missing.map(({ method, url }) => `${method} ${url} has no row`));
  const changes = truth.filter(({ changed }) => changed.length > 0).length;
  return {
    faults,
    changes,
    credited,
    spans: rows.filter(({ url, chips }) => url === null && chips.length > 0).length,
  };
}

function saysGone(chips: readonly string[]): boolean {
  return chips.some((chip) => /gone$|^no session$/.test(chip));
}

/** True for the chips of a reading that found a difference. */
function isChange(chips: readonly string[]): boolean {
  return chips.includes("reading") && chips.length > 1;
}

/** The false claims in a row's chips. A row without a reading says nothing about the session. */
function faultOf(chips: readonly string[], { changed, gone, newKey }: DjangoTruth): string | null {
  if (!chips.includes("reading")) return null;
  const isGone = saysGone(chips);
  if (isGone || gone)
    return isGone && gone ? null : `says ${chips}, and the session ${gone ? "ended" : "went on"}`;
  const keys = chips.filter((chip) => /^[+~−]/.test(chip)).map((chip) => chip.slice(1));
  const isRight = keys.sort().join() === [...changed].sort().join() && chips.includes("new key") === newKey;
  return isRight
    ? null
    : `says ${chips}, and changed ${changed.join() || "nothing"}${newKey ? " with a new key" : ""}`;
}
