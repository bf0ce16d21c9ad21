/** Rows that are hard to get right: sockets, cached responses, cancelled requests, pages from the back-forward cache. */
import { expect } from "@playwright/test";
import type { SitePage, Surface } from "../driver.ts";
import { expectRows, readAllRows, SHOWN_MS } from "../panel.ts";
import type { Scenario, Stage } from "../scenario.ts";

const SITE = "tests/e2e/sites/rows.ts";

/** How long a request took, as its row says it. */
const TOOK = String.raw`(<1 ms|\d+ ms|\d+\.\d\d s)`;

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

/** Fetches an address from the page and reads the response. */
function ask(page: SitePage, path: string, method = "GET"): Promise<string> {
  return page.evaluate(({ path, method }) => fetch(path, { method }).then((response) => response.text()), {
    path,
    method,
  });
}

/** Waits until the rows whose text contains `word` are these. */
async function expectOnly(panel: Surface, word: string, ...patterns: RegExp[]): Promise<void> {
  const read = async () => (await readAllRows(panel)).filter((row) => row.includes(word));
  const expected = patterns.map((pattern) => expect.stringMatching(pattern));
  await expect.poll(read, { message: `rows with ${word}`, timeout: SHOWN_MS }).toEqual(expected);
}

/** Opens a WebSocket from the page and waits until it is open or has failed. */
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
    name: "a WebSocket is one row with its handshake's time, and changes no row number",
    async run(stage) {
      const { page, panel, url } = await open(stage);
      expect(await openSocket(page, `${url.replace("http", "ws")}/socket`)).toBe("open");
      await ask(page, "/plain/after");
      await expectRows(panel, /^\d+ GET \/plain\/after 200/);
      const after = (await readAllRows(panel)).find((row) => row.includes("/plain/after")) ?? "no row";
      await ask(page, "/hang-up");
      await expectOnly(panel, "/socket", new RegExp(String.raw`^\d+ WS /socket 101( –)* ${TOOK}$`));
      await expectRows(panel, /WS \/socket/, /GET \/plain\/after/, /GET \/hang-up/);
      await expectOnly(panel, "/plain/after", new RegExp(`^${Number.parseInt(after, 10)} GET`));
      const numbers = (await readAllRows(panel))
        .map((row) => Number.parseInt(row, 10))
        .filter(Number.isFinite);
      expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, at) => at + 1));
    },
  },
  {
    name: "a refused WebSocket has a row with the current time, not 1970",
    async run(stage) {
      const { page, panel } = await open(stage);
      await ask(page, "/plain/before");
      await expectRows(panel, /GET \/plain\/before/);
      const gone = await stage.startSite(SITE);
      await gone.kill();
      expect(await openSocket(page, `${gone.url.replace("http", "ws")}/refused`)).toBe("failed");
      await expectRows(panel, /GET \/plain\/before/, /WS \/refused failed/);
      await expectOnly(panel, "/refused", new RegExp(String.raw`^\d+ WS /refused failed( –)*( ${TOOK})?$`));
    },
  },
  {
    name: "a cached response changes nothing and says so, and one that the server revalidates counts as the server's",
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
      await expectOnly(panel, "/kept/once", /200 \+asked/, new RegExp(`200 from cache( –)*( ${TOOK})?$`));
      await ask(page, "/same");
      await ask(page, "/same");
      await expectOnly(panel, "/same", /200 \+same/, /304 ~same 1→2/);
    },
  },
  {
    name: "when DevTools opens late, a cached response is not credited with the change of the original request",
    async run(stage) {
      const site = await stage.startSite(SITE);
      const page = await stage.newPage();
      await page.goto(`${site.url}/`); // starts the session: a response is cached for one cookie only
      await ask(page, "/kept/early");
      const tools = await page.openTools();
      const panel = await tools.showPanel();
      await ask(page, "/kept/early");
      await expectRows(panel, /before DevTools opened.*\+asked/, /GET \/kept\/early 200 from cache/);
    },
  },
  {
    name: "a request that the page cancels still shows what its handler did",
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
    name: "a response without a body is not shown as failed",
    async run(stage) {
      const { page, panel } = await open(stage);
      // The page does not read it; Chrome's log then calls it aborted.
      await page.evaluate(() => {
        void fetch("/none", { method: "POST" });
        return null;
      }, null);
      await expectOnly(panel, "/none", /^\d+ POST \/none 204 \+none/);
    },
  },
  {
    name: "each navigation is noted once, also back and forward, and a new # fragment is not a navigation",
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
