/**
 * Cookies and the simulated close, asked of the background; `sessionStorage`, which only the page can reach.
 *
 * In Firefox a panel has no cookies of its own to ask, so in both browsers the background is asked.
 */
import { parseCookie, readFields, readList, readTexts } from "../../background/contract.ts";
import type { Ask } from "./ask.ts";
import type { Evaluate } from "./evaluate.ts";
import { clearStorage, readFrameUrls, readStorage, restoreStorage } from "./page.ts";
import type { CookiesPort, CookieWriteResult, RehearsalPort } from "./ports.ts";

interface JarParts {
  ask: Ask;
  tabId: number;
  evaluate: Evaluate;
  /** Addresses that requests showed beside what is on the page now. */
  sites: () => string[];
  /** Calls back at each notice that cookies changed. */
  watch: CookiesPort["watch"];
}

export function createCookiesPort(parts: JarParts): CookiesPort {
  const { ask, tabId, watch } = parts;
  return {
    async list() {
      const fields = readFields(
        await ask({ ask: "list-cookies", tabId, urls: await readUrls(parts) }),
        "cookies",
      );
      return {
        cookies: readList(fields, "cookies", parseCookie),
        hosts: readTexts(fields, "hosts"),
        denied: readTexts(fields, "denied"),
      };
    },
    watch,
    async write(cookie, replaces) {
      return parseResult(await ask({ ask: "write-cookie", tabId, cookie, replaces }));
    },
    async remove(cookie) {
      return (await ask({ ask: "remove-cookie", tabId, cookie })) === true;
    },
  };
}

export function createRehearsalPort(parts: JarParts): RehearsalPort {
  const { ask, tabId, evaluate } = parts;
  return {
    async preview() {
      const cookies = await ask({ ask: "preview-close", tabId, urls: await readUrls(parts) });
      return { cookies: readList({ cookies }, "cookies", parseCookie), storage: await readStorage(evaluate) };
    },
    async close() {
      const storage = await readStorage(evaluate);
      const fields = readFields(await ask({ ask: "close", tabId, urls: await readUrls(parts) }), "close");
      await clearStorage(evaluate, storage);
      return {
        cookies: readList(fields, "cookies", parseCookie),
        storage,
        left: readList(fields, "left", parseCookie),
      };
    },
    async restore({ cookies, storage }) {
      const failed = await ask({ ask: "restore-cookies", tabId, cookies });
      await restoreStorage(evaluate, storage);
      return { failed: readList({ failed }, "failed", parseCookie) };
    },
  };
}

/** The page's own address first, then its frames', then what requests showed. None for a page closed to us. */
async function readUrls({ evaluate, sites }: JarParts): Promise<string[]> {
  const found = await readFrameUrls(evaluate).catch(() => sites()); // no answer: what requests showed must do
  return found.length === 0 ? [] : [...new Set([...found, ...sites()])];
}

function parseResult(value: unknown): CookieWriteResult {
  const fields = readFields(value, "result");
  if (fields["ok"] === true) return { ok: true, cookie: parseCookie(fields["cookie"]) };
  return { ok: false, reason: String(fields["reason"]), restored: fields["restored"] === true };
}
