/**
 * The attacker is another extension. It loads our pages into its own frames, windows and tabs, sends them messages with
 * `postMessage`, and wants to read them, to make them call the background, or to make them request access to its host.
 */
import { expect } from "@playwright/test";
import { expectContents } from "../../e2e/panel.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { expectNothingGot, openVictim } from "../victim.ts";
import { startStranger } from "./stranger.ts";

const PAGES = [
  "panel.html",
  "devtools.html",
  "options.html#origin=https://mallory.example&tab=1",
  "blank.html",
  "manifest.json",
];

export const opensOurPages: Scenario = {
  name: "our pages show and do nothing for another extension that opens them in frames, windows and tabs",
  async run(stage) {
    const stranger = await startStranger(stage, { rights: { host_permissions: ["<all_urls>"] } });
    const victim = await openVictim(stage, { driver: stranger.driver });
    const ours = await victim.panel.evaluate(() => location.origin, null);
    const received = await stranger.page.evaluate(open, { ours, pages: PAGES });
    // Each of them can be loaded by the panel itself.
    const own = await victim.panel.evaluate(async () => (await fetch("/options.html")).status, null);
    expect(own).toBe(200);
    expect(received).toEqual(PAGES.map(() => "fetch refused, frame closed, nothing said"));
    await expectNothingGot(victim, received, stranger.driver);

    const { page } = victim;
    await page.show();
    await page.reload(); // the panel continues
    await expectContents(victim.panel, /visits: 2\b/);
  },
};

/** Runs in the stranger's page: each page by `fetch`, in a frame and in a window; what could be read, and their messages. */
async function open({ ours, pages }: { ours: string; pages: string[] }): Promise<string[]> {
  const said: string[] = [];
  addEventListener("message", ({ data, origin }) => {
    if (origin === ours) said.push(JSON.stringify(data));
  });
  const read = (view: Window | null): string => {
    try {
      const root = view?.document.documentElement;
      return root === undefined || /^about:/.test(view?.location.href ?? "") ? "closed" : root.outerHTML;
    } catch {
      return "closed";
    }
  };
  const results: string[] = [];
  for (const page of pages) {
    const url = `${ours}/${page}`;
    const fetched = await fetch(url).then(
      (answer) => answer.text(),
      () => "refused",
    );
    const frame = document.createElement("iframe");
    const loaded = new Promise((resolve) => {
      frame.onload = resolve;
      frame.onerror = resolve;
    });
    frame.src = url;
    document.documentElement.append(frame);
    await loaded;
    let view: Window | null = null;
    try {
      view = window.open(url);
    } catch {
      // Firefox refuses at once
    }
    for (const target of [frame.contentWindow, view]) {
      for (const message of [{ ask: "list-cookies", tabId: 1, urls: [] }, { say: "history" }])
        target?.postMessage(message, "*");
    }
    // A response to a message would come before that to the next one.
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
    results.push(
      `fetch ${fetched}, frame ${read(frame.contentWindow)}${read(view) === "closed" ? "" : `, window ${read(view)}`}, ${said.join() || "nothing said"}`,
    );
    view?.close();
    frame.remove();
  }
  return results;
}
