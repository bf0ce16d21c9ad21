/** Reads the panel as people do: its parts by their accessible names, as text. */
import { expect } from "@playwright/test";
import type { Surface, Target } from "./driver.ts";

/** The parts, by their names in the panel. */
export const PARTS = {
  cookies: { role: "listbox", name: "Session cookies" },
  requests: { role: "grid", name: "Requests" },
  contents: { role: "treegrid", name: "Session contents" },
  toolbar: { role: "toolbar", name: "Sessions", exact: true },
  status: { role: "status" },
} satisfies Record<string, Target>;

/** Longest wait for something that the panel shows without an action. */
export const SHOWN_MS = 15_000;

/** Milliseconds between two looks, the last again and again. Playwright's own end at a whole second, and half of that is lost each time. */
const LOOKS_MS = [100, 200, 300];

/** Rows of the timeline that are in view or near it, oldest first, without the header. */
export async function readRows(panel: Surface): Promise<string[]> {
  const rows = await panel.texts({ role: "row", within: PARTS.requests });
  return rows.filter((row) => !row.startsWith("# "));
}

/**
 * Every row of the timeline, oldest first. Only those near the view are in the document, so it scrolls through.
 *
 * @param look called at each scroll position, with the rows near the view
 */
export async function readAllRows(
  panel: Surface,
  look: () => Promise<void> = async () => {},
): Promise<string[]> {
  const rows = new Map<number, string>();
  for (let page = 0; ; page++) {
    const { shown, isLast } = await panel.evaluate(readPage, page);
    for (const { at, text } of shown) if (!text.startsWith("# ")) rows.set(at, text);
    await look();
    if (isLast) break;
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, text]) => text);
}

/** Runs in the panel: scrolls the timeline to the page with that number, and reads its rows, all at the same time. */
async function readPage(page: number): Promise<{ shown: { at: number; text: string }[]; isLast: boolean }> {
  const grid = document.querySelector("[role=grid][aria-label=Requests]");
  const scroller = grid?.querySelector(".virtual");
  const top = page * (scroller?.clientHeight ?? 0) * 0.8;
  if (scroller) scroller.scrollTop = top;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const shown = [...(grid?.querySelectorAll<HTMLElement>("[role=row]") ?? [])].map((row) => ({
    at: Number(row.getAttribute("aria-rowindex")),
    text: row.innerText.replace(/\s+/g, " ").trim(),
  }));
  return { shown, isLast: !scroller || top > scroller.scrollHeight };
}

/** Rows of the session contents, as `user_id: 123`: the colon is a separate element in the cell, and stands alone in the text. */
export async function readContents(panel: Surface): Promise<string[]> {
  const rows = await panel.texts({ role: "row", within: PARTS.contents });
  return rows.map((row) => row.replace(" :", ":"));
}

/** Rows of the cookie list. */
export function readCookies(panel: Surface): Promise<string[]> {
  return panel.texts({ role: "option", within: PARTS.cookies });
}

/** Waits until rows of the timeline match the patterns, in the given order. Other rows may be in between. */
export async function expectRows(panel: Surface, ...patterns: RegExp[]): Promise<void> {
  await expect
    .poll(
      async () => {
        const rows = await readRows(panel);
        let from = 0;
        for (const pattern of patterns) {
          const at = rows.findIndex((row, index) => index >= from && pattern.test(row));
          if (at === -1) return { missing: pattern, rows };
          from = at + 1;
        }
        return "all there";
      },
      { message: `timeline rows ${patterns.join(", ")}`, timeout: SHOWN_MS, intervals: LOOKS_MS },
    )
    .toBe("all there");
}

/** Waits until a row of the session contents matches. */
export async function expectContents(panel: Surface, pattern: RegExp): Promise<void> {
  await expect
    .poll(async () => (await readContents(panel)).join("\n"), {
      message: "session contents",
      timeout: SHOWN_MS,
      intervals: LOOKS_MS,
    })
    .toMatch(pattern);
}

/** Waits until a document shows text that matches. */
export async function expectText(document: Surface, pattern: RegExp): Promise<void> {
  await expect
    .poll(() => readText(document), { message: "text shown", timeout: SHOWN_MS, intervals: LOOKS_MS })
    .toMatch(pattern);
}

/** Waits until the site's page shows text that matches. While the document is being replaced there is nothing to read. */
export async function expectPage(page: Surface, pattern: RegExp): Promise<void> {
  const text = () => readText(page).catch(() => "loading");
  await expect
    .poll(text, { message: "text of the page", timeout: SHOWN_MS, intervals: LOOKS_MS })
    .toMatch(pattern);
}

/** All text that a document shows. */
export function readText(document: Surface): Promise<string> {
  return document.evaluate(() => window.document.body.innerText, null);
}

/** Whole seconds left in a cookie's row, from `00:59:58` or `1d 00:00:01`; null if it has no countdown. */
export async function readSecondsLeft(panel: Surface, cookie: string): Promise<number | null> {
  const row = (await readCookies(panel)).find((text) => text.includes(cookie));
  const match = /(?:(\d+)d )?(\d+):(\d\d):(\d\d)/.exec(row ?? "");
  if (match === null) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
