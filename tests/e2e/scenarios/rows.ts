/** Rows that are hard to tell: sockets, answers from the cache, requests that are called off, pages that come back. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { expectRows, readAllRows, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";

const SITE = "tests/e2e/sites/rows.ts";

interface Place {
  page: SitePage;
  panel: Surface;
  url: string;
}

async function open(stage: Stage): Promise<Place> {
  const site = await stage.startSite(SITE);
  const page = await stage.newPage();
  await page.goto(`${site.url}/`);
  const tools = await page.openTools();
  return { page, panel: await tools.showPanel(), url: site.url };
}

/** Asks for an address from the page and reads the answer. */
function ask(page: SitePage, path: string, method = "GET"): Promise<string> {
  return page.evaluate(({ path, method }) => fetch(path, { method }).then((response) => response.text()), {
    path,
    method,
  });
}

/** Waits until the rows whose text holds `word` are these. */
async function expectOnly(panel: Surface, word: string, ...patterns: RegExp[]): Promise<void> {
  const read = async () => (await readAllRows(panel)).filter((row) => row.includes(word));
  const expected = patterns.map((pattern) => expect.stringMatching(pattern));
  await expect.poll(read, { message: `rows with ${word}`, timeout: SHOWN_MS }).toEqual(expected);
}

/** Opens a WebSocket from the page and waits until it is open; or until it failed. */
function openSocket(page: SitePage, url: string): Promise<string> {
  return page.evaluate(
    (address) =>
      new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("failed");
      }),
    url,
  );
}

export const rows: readonly Scenario[] = [
  {
    name: "a WebSocket is one row with its handshake's time, and moves no number",
    async run(stage) {
      const { page, panel, url } = await open(stage);
      expect(await openSocket(page, `${url.replace("http", "ws")}/socket`)).toBe("open");
      await ask(page, "/plain/after");
      await expectRows(panel, /^\d+ GET \/plain\/after 200/);
      const after = (await readAllRows(panel)).find((row) => row.includes("/plain/after")) ?? "no row";
      await ask(page, "/hang-up");
      await expectOnly(panel, "/socket", /^\d+ WS \/socket 101( –)* \d+ ms$/);
      await expectRows(panel, /WS \/socket/, /GET \/plain\/after/, /GET \/hang-up/);
      await expectOnly(panel, "/plain/after", new RegExp(`^${Number.parseInt(after, 10)} GET`));
      const numbers = (await readAllRows(panel))
        .map((row) => Number.parseInt(row, 10))
        .filter(Number.isFinite);
      expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, at) => at + 1));
    },
  },
  {
    name: "a WebSocket that is refused is a row of now, and not one of 1970",
    async run(stage) {
      const { page, panel } = await open(stage);
      await ask(page, "/plain/before");
      await expectRows(panel, /GET \/plain\/before/);
      const gone = await stage.startSite(SITE);
      await gone.kill();
      expect(await openSocket(page, `${gone.url.replace("http", "ws")}/refused`)).toBe("failed");
      await expectRows(panel, /GET \/plain\/before/, /WS \/refused failed/);
      await expectOnly(panel, "/refused", /^\d+ WS \/refused failed( –)*( \d+ ms)?$/);
    },
  },
  {
    name: "an answer from the cache changes nothing and says so; one that the server confirms is the server's",
    async run(stage) {
      const { page, panel } = await open(stage);
      for (const asked of [1, 2]) {
        await ask(page, "/kept/once");
        await expect
          .poll(async () => (await readAllRows(panel)).filter((row) => row.includes("/kept/once")).length, {
            timeout: SHOWN_MS,
          })
          .toBe(asked);
      }
      await expectOnly(panel, "/kept/once", /200 \+asked/, /200 from cache( –)*( \d+ ms)?$/);
      await ask(page, "/same");
      await ask(page, "/same");
      await expectOnly(panel, "/same", /200 \+same/, /304 ~same 1→2/);
    },
  },
  {
    name: "DevTools that is opened late blames no answer from the cache for what its first asking did",
    async run(stage) {
      const site = await stage.startSite(SITE);
      const page = await stage.newPage();
      await page.goto(`${site.url}/`); // has the session begin: an answer is kept for one cookie only
      await ask(page, "/kept/early");
      const tools = await page.openTools();
      const panel = await tools.showPanel();
      await ask(page, "/kept/early");
      await expectRows(panel, /before DevTools opened.*\+asked/, /GET \/kept\/early 200 from cache/);
    },
  },
  {
    name: "a request that the page calls off shows what its handler did all the same",
    async run(stage) {
      const { page, panel } = await open(stage);
      await ask(page, "/plain/first");
      await page.evaluate(() => {
        const controller = new AbortController();
        Object.assign(window, { controller });
        fetch("/held", { method: "POST", signal: controller.signal }).catch(() => {});
        return null;
      }, null);
      await expect.poll(() => ask(page, "/waiting"), { timeout: SHOWN_MS }).toBe("1");
      await page.evaluate(() => Object(window).controller.abort(), null);
      await expect.poll(() => ask(page, "/abandoned"), { timeout: SHOWN_MS }).toBe("1");
      await expectRows(panel, /POST \/held failed/);
      await ask(page, "/go-on");
      await expectOnly(panel, "/held", /^\d+ POST \/held failed \+held unanswered/);
    },
  },
  {
    name: "an answer without a body has not failed",
    async run(stage) {
      const { page, panel } = await open(stage);
      // Not read by the page: then Chrome's log calls it aborted.
      await page.evaluate(() => {
        void fetch("/none", { method: "POST" });
        return null;
      }, null);
      await expectOnly(panel, "/none", /^\d+ POST \/none 204 \+none/);
    },
  },
  {
    name: "each page that is gone to is noted once, back and forward as well, and another # is no page",
    async run(stage) {
      const { page, panel, url } = await open(stage);
      const went = async () => (await readAllRows(panel)).filter((row) => row.includes("Went to"));
      const expectWent = (...paths: string[]) =>
        expect
          .poll(went, { timeout: SHOWN_MS })
          .toEqual(paths.map((path) => expect.stringMatching(new RegExp(`Went to ${path}$`))));
      await page.goto(`${url}/kept/one`);
      await page.goto(`${url}/plain/two`);
      await expectWent("/kept/one", "/plain/two");
      await page.evaluate(() => setTimeout(() => history.back()) && null, null);
      await expectWent("/kept/one", "/plain/two", "/kept/one");
      await page.evaluate(() => setTimeout(() => history.forward()) && null, null);
      await expectWent("/kept/one", "/plain/two", "/kept/one", "/plain/two");
      await expectRows(panel, /\+asked/, /GET \/kept\/one 200 from cache/, /GET \/plain\/two 200 from cache/);
      await page.evaluate(() => {
        location.hash = "further";
        return null;
      }, null);
      await ask(page, "/plain/last");
      await expectRows(panel, /GET \/plain\/last/);
      await expectWent("/kept/one", "/plain/two", "/kept/one", "/plain/two");
    },
  },
];
