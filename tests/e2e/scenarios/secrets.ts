/** Who can send messages to the extension (T18), and what it leaves behind on disk and in exports (T19). */
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { BrowserDriver, Surface } from "../driver.ts";
import { makeExtension } from "../other-extension.ts";
import { expectContents, readCookies, SHOWN_MS } from "../panel.ts";
import { typeToken } from "../panel-acts.ts";
import type { Scenario } from "../scenario.ts";

const GUARDED = "tests/e2e/sites/guarded.ts";
/** What `sites/guarded.ts` stores in the session under `secret`, and shows nowhere. */
const CANARY = "canary-1f3870be";
/** Where browsers themselves keep the cookies that a site has set. */
const BROWSERS_OWN = /cookies|sessionstore|Sessions\//i;

/** Messages that would do something, if they came from the panel. */
const MESSAGES = [
  { ask: "list-cookies", tabId: 1, urls: [] },
  { ask: "close", tabId: 1, urls: [] },
  { ask: "watch" },
  "anything",
  null,
];

export const secrets: readonly Scenario[] = [
  {
    name: "messages from another extension or a page reach no one in the extension",
    only: "chromium", // In Firefox only a listener could let another extension in, and there is none: see tests/extension
    async run(stage) {
      const other = await makeExtension(stage);
      const driver = await stage.startBrowser({ others: [other.folder] });
      const page = await driver.newPage();
      await page.goto(stage.site.url);
      const panel = await (await page.openTools()).showPanel();
      await expectContents(panel, /visits: 1/);
      const before = await driver.cookies(stage.site.url);
      const ours = await panel.evaluate(() => location.host, null);

      expect(await page.evaluate(trySpeaking, { ours, messages: MESSAGES })).toEqual("no way to speak");
      const stranger = await driver.newPage();
      await stranger.goto((await driver.originOf(other.folder)) + other.page);
      const tried = await stranger.evaluate(trySpeaking, { ours, messages: MESSAGES });
      expect(tried).toEqual(
        [...MESSAGES, "connect"].map(() => expect.stringMatching(/Could not establish connection/)),
      );
      expect(await stranger.evaluate(tryReading, `chrome-extension://${ours}/panel.html`)).toBe("refused");
      await stranger.close();

      expect(await driver.cookies(stage.site.url)).toEqual(before);
      expect(await readCookies(panel)).toHaveLength(1);
    },
  },
  {
    name: "no cookie value, token or secret of a session is left on disk or in an exported history",
    async run(stage) {
      const token = randomBytes(32).toString("base64url");
      const site = await stage.startSite(GUARDED, { SESSION_BRIDGE_TOKEN: token });
      const driver = await stage.startBrowser();
      const page = await driver.newPage();
      await page.goto(`${site.url}/`);
      const panel = await (await page.openTools()).showPanel();
      await page.evaluate(async () => {
        await fetch("/login", { method: "POST" });
        return null;
      }, null);
      await typeToken(panel, token);
      await panel.click({ role: "button", name: "Use token" });
      await expectContents(panel, /user_id: 123/);
      const [cookie] = await driver.cookies(site.url);
      const hidden = [CANARY, token, cookie?.value ?? "no cookie"];

      await panel.click({ role: "button", name: "Export and import" });
      const exported = await readPreview(panel);
      expect(exported).toContain("/login");
      for (const secret of hidden) expect(exported).not.toContain(secret);
      const stored = await panel.evaluate(readStorage, null);
      for (const secret of hidden) expect(stored.lasting).not.toContain(secret);
      expect(stored.untilTheEnd, "the token").not.toContain(CANARY);

      await driver.restart(); // quits as a user does, so that everything is written
      const left = await findOnDisk(driver, hidden);
      expect(left).toEqual([]);
    },
  },
];

/** Runs in a page: sends every message and opens a port, and returns the outcome of each. */
async function trySpeaking({ ours, messages }: { ours: string; messages: (string | null | object)[] }) {
  // Which of these a page has depends on its permissions; the types do not say.
  const runtime = Reflect.get(Reflect.get(globalThis, "chrome") ?? {}, "runtime");
  if (typeof runtime?.sendMessage !== "function") return "no way to speak";
  const results: string[] = [];
  for (const message of messages) {
    const sent = Promise.resolve(runtime.sendMessage(ours, message));
    results.push(await sent.then((answer) => `answered ${JSON.stringify(answer)}`, String));
  }
  const port = runtime.connect(ours);
  results.push(
    await new Promise<string>((resolve) => {
      port.onMessage.addListener(() => resolve("answered"));
      port.onDisconnect.addListener(() => resolve(String(runtime.lastError?.message)));
    }),
  );
  return results;
}

/** Runs in a page of another extension. */
function tryReading(url: string): Promise<string> {
  return fetch(url).then(
    () => "read",
    () => "refused",
  );
}

/** Runs in the panel. */
async function readStorage() {
  const { storage } = Reflect.get(globalThis, "chrome") ?? Reflect.get(globalThis, "browser");
  const lasting = [await storage.local.get(null), { ...localStorage }, await indexedDB.databases()];
  return { lasting: JSON.stringify(lasting), untilTheEnd: JSON.stringify(await storage.session.get(null)) };
}

async function readPreview(panel: Surface): Promise<string> {
  const read = () =>
    panel.evaluate(
      () => document.querySelector<HTMLTextAreaElement>("textarea[readonly]")?.value ?? "",
      null,
    );
  await expect.poll(read, { timeout: SHOWN_MS }).not.toBe("");
  return read();
}

/** Files of the profile that contain one of the strings, in UTF-8 or UTF-16, except the browser's cookie jar. */
async function findOnDisk({ profile }: BrowserDriver, texts: readonly string[]): Promise<string[]> {
  const needles = texts.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
  const found: string[] = [];
  let read = 0;
  for (const entry of await readdir(profile, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || BROWSERS_OWN.test(path.slice(profile.length))) continue;
    const bytes = await readFile(path).catch(() => Buffer.alloc(0)); // deleted since it was listed
    read += bytes.length;
    if (needles.some((needle) => bytes.includes(needle))) found.push(path.slice(profile.length));
  }
  expect(read, "bytes of the profile").toBeGreaterThan(10_000);
  return found;
}
