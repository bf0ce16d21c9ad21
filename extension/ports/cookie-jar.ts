/**
 * Cookies and the simulated close, through the background; `sessionStorage`, which only the page can reach.
 *
 * In Firefox a panel has no access to cookies, so in both browsers the background is used.
 */
import { webOrigin } from "../logic/origins.ts";
import {
  type CookieList,
  parseCookieList,
  parseCookies,
  parseWriteResult,
  type TabCookie,
} from "../messages/tab-cookie.ts";
import type { Ask } from "./ask-background.ts";
import type { Evaluate } from "./evaluate.ts";
import { clearStorage, readFrames, readStorage, restoreStorage } from "./page.ts";
import type { CookiesPort, RehearsalPort } from "./ports.ts";

/** What requests showed of the page's frames. */
export interface Sites {
  urls: string[];
  /** True when the page's load was seen, and so the loads of its frames. */
  whole: boolean;
}

interface JarParts {
  ask: Ask;
  tabId: number;
  evaluate: Evaluate;
  /** Addresses that requests showed in addition to those on the page now. */
  sites: () => Sites;
  /** Addresses of every document in the page, as DevTools reports them; absent if DevTools does not. */
  documents?: (() => Promise<string[]>) | undefined;
  /** Calls back at each notice that cookies changed. */
  watch: CookiesPort["watch"];
}

/** Runs a task periodically while the panel is on screen; returns the undoing. */
export type Poll = (task: () => Promise<void>) => () => void;

/**
 * In addition to the notices, `watch` compares periodically if `poll` does: Firefox reports nothing when all cookies are cleared
 * together.
 */
export function createCookiesPort(parts: JarParts & { poll: Poll }): CookiesPort {
  const { ask, tabId } = parts;
  let known: string | null = null;

  async function list(): Promise<CookieList> {
    const { urls, unknownFrames } = await readPlaces(parts);
    const listed = parseCookieList(await ask({ ask: "list-cookies", tabId, urls }));
    const found = unknownFrames === 0 ? listed : { ...listed, unknownFrames };
    known = JSON.stringify(found);
    return found;
  }

  return {
    list,
    watch(changed) {
      const stops = [
        parts.watch(changed),
        parts.poll(async () => {
          const before = known;
          await list();
          if (before !== known) changed();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    async write(cookie, replaces) {
      const question = { ask: "write-cookie", tabId, cookie, replaces } as const;
      return ask(question).then(parseWriteResult, async (error: unknown) => {
        const restored = replaces === null || (await isThere(replaces)) !== false;
        return { ok: false, reason: error instanceof Error ? error.message : String(error), restored };
      });
    },
    async remove(cookie) {
      const gone = await ask({ ask: "remove-cookie", tabId, cookie }).catch(() => null);
      return gone === null ? (await isThere(cookie)) === false : gone === true;
    },
  };

  /** After a question that failed: whether the cookie is as it was; null if not even that can be determined. */
  async function isThere({ id, value }: TabCookie): Promise<boolean | null> {
    const found = await list().catch(() => null);
    return found === null ? null : found.cookies.some((cookie) => cookie.id === id && cookie.value === value);
  }
}

export function createRehearsalPort(parts: JarParts): RehearsalPort {
  const { ask, tabId, evaluate } = parts;

  /** The page's origin as the browser reports it: the page does not decide whose `sessionStorage` is read. */
  async function readOrigin(): Promise<string | null> {
    const url = await ask({ ask: "page-address", tabId }).catch(() => null);
    return typeof url === "string" ? webOrigin(url) : null;
  }

  async function preview() {
    const cookies = await ask({ ask: "preview-close", tabId, urls: (await readPlaces(parts)).urls });
    const origin = await readOrigin();
    const storage = origin === null ? [] : await readStorage(evaluate, origin);
    return { cookies: parseCookies(cookies), storage };
  }

  /** After a close that failed on the way: which are still there. Not known counts as gone, so that undo has them. */
  async function findAmong(cookies: TabCookie[]): Promise<TabCookie[]> {
    const ids = new Set(cookies.map(({ id }) => id));
    const there = await preview().catch(() => ({ cookies: [] }));
    return there.cookies.filter(({ id }) => ids.has(id));
  }

  return {
    preview,
    async close() {
      const { cookies, storage } = await preview();
      const left = await ask({ ask: "close", tabId, cookies }).then(parseCookies, () => findAmong(cookies));
      const kept = new Set(left.map(({ id }) => id));
      const origin = await readOrigin();
      if (origin !== null) await clearStorage(evaluate, origin, storage);
      return { cookies: cookies.filter(({ id }) => !kept.has(id)), storage, left };
    },
    async restore({ cookies, storage }) {
      const failed = await ask({ ask: "restore-cookies", tabId, cookies });
      const origin = await readOrigin();
      if (origin !== null) await restoreStorage(evaluate, origin, storage);
      return { failed: parseCookies(failed) };
    },
  };
}

/**
 * Addresses of the frames according to the page, then to DevTools, then to the requests. A page cannot see frames inside a frame
 * of another origin, nor where such a frame went after it was loaded.
 */
async function readPlaces({
  evaluate,
  sites,
  documents,
}: JarParts): Promise<{ urls: string[]; unknownFrames: number }> {
  const none = { urls: [], foreign: 0, nested: 0 };
  const page = await readFrames(evaluate).catch(() => none); // no answer: the requests have to be enough
  const told = page.foreign > 0 && documents ? await documents().catch(() => null) : null;
  const seen = sites();
  const unknownFrames = told === null && !seen.whole ? page.nested : 0;
  return { urls: [...new Set([...page.urls, ...(told ?? []), ...seen.urls])], unknownFrames };
}
