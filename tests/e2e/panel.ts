/** The panel as people read it: its parts by their accessible names, as text. */
import { expect } from "@playwright/test";
import type { Surface, Target } from "./driver.ts";

/** The parts, by the names that the panel gives them. */
export const PARTS = {
  cookies: { role: "listbox", name: "Session cookies" },
  requests: { role: "grid", name: "Requests" },
  contents: { role: "treegrid", name: "Session contents" },
  toolbar: { role: "toolbar", name: "Sessions", exact: true },
  status: { role: "status" },
} satisfies Record<string, Target>;

/** Longest wait for something that the panel shows by itself. */
export const SHOWN_MS = 15_000;

/** Rows of the timeline that are in view or near it, oldest first, without the head. */
export async function readRows(panel: Surface): Promise<string[]> {
  const rows = await panel.texts({ role: "row", within: PARTS.requests });
  return rows.filter((row) => !row.startsWith("# "));
}

/**
 * Every row of the timeline, oldest first: only those near the view are in the document, so it scrolls through.
 *
 * @param look called at each place, with the rows that are near the view there
 */
export async function readAllRows(
  panel: Surface,
  look: () => Promise<void> = async () => {},
): Promise<string[]> {
  const rows = new Map<number, string>();
  for (let page = 0; ; page++) {
    const numbers = await panel.attributes({ role: "row", within: PARTS.requests }, "aria-rowindex");
    const texts = await panel.texts({ role: "row", within: PARTS.requests });
    texts.forEach((text, at) => {
      if (!text.startsWith("# ")) rows.set(Number(numbers[at]), text);
    });
    await look();
    if (await panel.evaluate(scrollToPage, page)) break;
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, text]) => text);
}

/** Runs in the panel: shows the timeline's page of that number; true when that is beyond the last. */
async function scrollToPage(page: number): Promise<boolean> {
  const scroller = document.querySelector("[role=grid][aria-label=Requests] .virtual");
  if (scroller === null) return true;
  const top = page * scroller.clientHeight * 0.8;
  scroller.scrollTop = top;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return top > scroller.scrollHeight;
}

/** Rows of the session contents, as `user_id: 123`: the colon is a cell's own element, and stands apart in the text. */
export async function readContents(panel: Surface): Promise<string[]> {
  const rows = await panel.texts({ role: "row", within: PARTS.contents });
  return rows.map((row) => row.replace(" :", ":"));
}

/** Rows of the cookie list. */
export function readCookies(panel: Surface): Promise<string[]> {
  return panel.texts({ role: "option", within: PARTS.cookies });
}

/** Waits until some row of the timeline matches each pattern, in the order given. Other rows may lie between. */
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
      { message: `timeline rows ${patterns.join(", ")}`, timeout: SHOWN_MS },
    )
    .toBe("all there");
}

/** Waits until the session contents hold a row that matches. */
export async function expectContents(panel: Surface, pattern: RegExp): Promise<void> {
  await expect
    .poll(async () => (await readContents(panel)).join("\n"), {
      message: "session contents",
      timeout: SHOWN_MS,
    })
    .toMatch(pattern);
}

/** Waits until a document shows text that matches. */
export async function expectText(document: Surface, pattern: RegExp): Promise<void> {
  await expect.poll(() => readText(document), { message: "text shown", timeout: SHOWN_MS }).toMatch(pattern);
}

/** Waits until the site's page shows text that matches. Between two documents there is nothing to read. */
export async function expectPage(page: Surface, pattern: RegExp): Promise<void> {
  const text = () => readText(page).catch(() => "loading");
  await expect.poll(text, { message: "text of the page", timeout: SHOWN_MS }).toMatch(pattern);
}

/** All text that a document shows. */
export function readText(document: Surface): Promise<string> {
  return document.evaluate(() => window.document.body.innerText, null);
}

/** Whole seconds that a cookie's row says are left, from `00:59:58`, `1d 00:00:01`; null when it counts nothing. */
export async function readSecondsLeft(panel: Surface, cookie: string): Promise<number | null> {
  const row = (await readCookies(panel)).find((text) => text.includes(cookie));
  const match = /(?:(\d+)d )?(\d+):(\d\d):(\d\d)/.exec(row ?? "");
  if (match === null) return null;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
