/**
 * The inspected page, looked into through `evaluate.ts`: its address, its frames, its `sessionStorage`.
 *
 * Needs no permission. What comes back was made by the page and is checked like anything from outside.
 */
import { ClosedPageError, type Evaluate } from "./evaluate.ts";
import type { StoredItems } from "./ports.ts";

const MOST_FRAMES = 100;

/** By index, because an item may be named like one of the storage's own methods. */
const READ_STORAGE = `({
  origin: location.origin,
  items: Array.from({ length: sessionStorage.length }, (_, at) => {
    const key = sessionStorage.key(at);
    return [key, sessionStorage.getItem(key)];
  }),
})`;

/** Address of the page, or null where the browser lets no extension look. Throws when no answer came. */
export async function readUrl(evaluate: Evaluate): Promise<string | null> {
  const url = await evaluate("location.href").catch(unlessClosed(null));
  return typeof url === "string" && !url.startsWith("about:") ? url : null;
}

/** Addresses of the page and its frames, its own first; empty when it is closed to us. Throws when no answer came. */
export async function readFrameUrls(evaluate: Evaluate): Promise<string[]> {
  const found = await evaluate(`(${collectFrames.toString()})(${MOST_FRAMES})`).catch(unlessClosed([]));
  return Array.isArray(found) ? found.filter((url) => typeof url === "string") : [];
}

/** `sessionStorage` of the page and of those frames that can be reached. */
export async function readStorage(evaluate: Evaluate): Promise<StoredItems[]> {
  const stores = new Map<string, StoredItems>();
  for (const frame of [undefined, ...(await readFrameUrls(evaluate)).slice(1)]) {
    const store = await evaluate(READ_STORAGE, frame).then(parseStore, () => null);
    if (store && !stores.has(store.origin)) stores.set(store.origin, store);
  }
  return [...stores.values()].filter(({ items }) => items.length > 0);
}

/** Empties the page's `sessionStorage`, and that of the frames that can be reached. */
export async function clearStorage(evaluate: Evaluate, stores: StoredItems[]): Promise<void> {
  await eachFrame(evaluate, stores, () => "sessionStorage.clear()");
}

/** Puts back what `readStorage` gave. Items set since then stay, unless of the same name. */
export async function restoreStorage(evaluate: Evaluate, stores: StoredItems[]): Promise<void> {
  await eachFrame(evaluate, stores, ({ items }) => {
    const pairs = JSON.stringify(items);
    return `${pairs}.forEach(([key, value]) => sessionStorage.setItem(key, value))`;
  });
}

/** Runs an expression once in a frame of each origin, the page itself being tried first. */
async function eachFrame(
  evaluate: Evaluate,
  stores: StoredItems[],
  toExpression: (store: StoredItems) => string,
): Promise<void> {
  const frames = [undefined, ...(await readFrameUrls(evaluate)).slice(1)];
  for (const store of stores) {
    const guard = `location.origin === ${JSON.stringify(store.origin)}`;
    const expression = `${guard} ? (${toExpression(store)}, true) : false`;
    for (const frame of frames) {
      if ((await evaluate(expression, frame).catch(() => false)) === true) break;
    }
  }
}

function unlessClosed<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ClosedPageError) return value;
    throw error;
  };
}

function parseStore(value: unknown): StoredItems | null {
  if (typeof value !== "object" || value === null || !("origin" in value) || !("items" in value)) return null;
  const { origin, items } = value;
  if (typeof origin !== "string" || !Array.isArray(items)) return null;
  const pairs = items.filter(
    (item): item is [string, string] =>
      Array.isArray(item) && typeof item[0] === "string" && typeof item[1] === "string",
  );
  return { origin, items: pairs.map(([key, text]) => [key, text]) };
}

/** Runs in the page: its own address, then those of its frames, as deep as they are of the same origin. */
function collectFrames(most: number): string[] {
  const urls: string[] = [];
  const visit = (view: Window): void => {
    if (urls.length >= most) return;
    urls.push(view.location.href);
    for (const frame of view.document.querySelectorAll<HTMLIFrameElement>("iframe, frame")) {
      let inner: Document | null = null;
      try {
        inner = frame.contentDocument;
      } catch {}
      if (inner?.defaultView) visit(inner.defaultView);
      else if (frame.src && urls.length < most) urls.push(frame.src);
    }
  };
  visit(window);
  return urls;
}
