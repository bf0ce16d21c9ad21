/**
 * `npm run bench:panel`: measures the panel in a real browser and writes `out/bench-panel.json`.
 *
 * Each figure is next to its limit; a figure over its limit ends the run with an error.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { type CDPSession, chromium, type Page } from "playwright";
import { findChromium } from "../../../scripts/machine/chromium.ts";
import { burst, exported, idle, large, painted, refill, slowFrames, watchFrames } from "./measures.ts";
import { type Harness, serveHarness } from "./server.ts";

interface Figure {
  name: string;
  value: number;
  limit: number;
  unit: string;
}

const OUT = new URL("../../../out/", import.meta.url).pathname;

const harness = await serveHarness();
const executablePath = await findChromium();
const browser = await chromium.launch({
  ...(executablePath === null ? {} : { executablePath }),
  args: ["--no-sandbox", "--enable-precise-memory-info"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1180, height: 600 } });
  const session = await page.context().newCDPSession(page);
  const figures = await measureAll(page, session, harness);
  console.table(figures.map((figure) => ({ ...figure, value: Number(figure.value.toFixed(2)) })));
  const machine = {
    browser: browser.version(),
    cpus: cpus().length,
    model: cpus()[0]?.model,
    load: loadavg()[0],
  };
  await mkdir(OUT, { recursive: true });
  await writeFile(join(OUT, "bench-panel.json"), JSON.stringify({ machine, figures }, null, 2));
  const beyond = figures.filter((figure) => figure.value > figure.limit);
  for (const { name, value, limit, unit } of beyond)
    console.error(`${name}: ${value} ${unit}, the limit is ${limit}`);
  process.exitCode = beyond.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  await harness.close();
}

async function measureAll(page: Page, session: CDPSession, from: Harness): Promise<Figure[]> {
  const figures: Figure[] = [];
  const add = (name: string, value: number, limit: number, unit: string): void => {
    figures.push({ name, value, limit, unit });
  };
  await open(page, from, "blank");
  const bare = await scroll(page, session);
  await open(page, from, "many");
  const scrolled = await scroll(page, session);
  add("frames over 33 ms while scrolling 10,000 rows, beyond an empty page's", scrolled - bare, 1, "%");
  add("longest wait during a burst of 1,000 requests", await page.evaluate(burst), 100, "ms");
  add("growth of a full ring by 10,000 more requests", await growth(page, session), 5, "%");
  await open(page, from, "large");
  add("opening a session of 1 MB, median", await page.evaluate(large), 200, "ms");
  await open(page, from, "now");
  add("response to painted row, median", await page.evaluate(painted), 100, "ms");
  await open(page, from, "now");
  await page.evaluate(refill, 1_000);
  const few = await page.evaluate(exported, 1_000);
  await page.evaluate(refill, 9_000);
  const many = await page.evaluate(exported, 10_000);
  add("export of 1,000 rows, median", few, 150, "ms");
  add("export of 10,000 rows, median", many, 1_000, "ms");
  add("export of 10,000 rows against 1,000", many / few, 15, "times");
  await open(page, from, "countdowns");
  add("CPU for 100 countdowns", await load(page, session), 1, "%");
  return figures;
}

async function open(page: Page, from: Harness, state: string): Promise<void> {
  await page.goto(from.url(state, { running: "" }));
  await page.locator("html[data-ready]").waitFor({ state: "attached" });
  await page.waitForTimeout(500); // measure a page at rest, not one that has just loaded
}

/** Scrolls down and up again as on a trackpad; returns the share of frames over 33 ms, in percent. */
async function scroll(page: Page, session: CDPSession): Promise<number> {
  await page.evaluate(watchFrames);
  for (const yDistance of [12_000, -12_000, 12_000, -12_000]) {
    await session.send("Input.synthesizeScrollGesture", { x: 500, y: 300, yDistance, speed: 4000 });
  }
  return await page.evaluate(slowFrames);
}

/** Heap growth after the ring was filled once more, in percent. */
async function growth(page: Page, session: CDPSession): Promise<number> {
  // Twice: the memory of removed rows is bounded too, and full only then.
  for (let round = 0; round < 2; round += 1) await page.evaluate(refill, 10_000);
  const before = await heap(session);
  await page.evaluate(refill, 10_000);
  return ((await heap(session)) / before - 1) * 100;
}

async function heap(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize;
}

/** How busy the page's main thread keeps one processor while only its clock runs. */
async function load(page: Page, session: CDPSession): Promise<number> {
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === "TaskDuration")?.value ?? 0;
  };
  const before = await busy();
  const seconds = await page.evaluate(idle, 10_000);
  return ((await busy()) - before) / seconds / 0.01;
}
