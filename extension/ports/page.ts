/**
 * The inspected page, read through `evaluate.ts`: its address, its frames, its `sessionStorage`.
 *
 * Needs no permission. The answers come from the page: they are checked like anything from outside, and none of them decides
 * which page this is. An origin is compared inside the expression, with `location` and `===`, which no page can change.
 */
import { ClosedPageError, type Evaluate } from "./evaluate.ts";
import type { StoredItems } from "./ports.ts";

const MOST_FRAMES = 100;

/** Address of the page as the page reports it, or null if the browser lets no extension read it. Throws if no answer came. */
export async function readUrl(evaluate: Evaluate): Promise<string | null> {
  const url = await evaluate("location.href").catch(unlessClosed(null));
  return typeof url === "string" && !url.startsWith("about:") ? url : null;
}

/** The frames of a page, as far as its scripts can know them. */
interface PageFrames {
  /** The page's address, then those of its frames; for a frame of another origin, its initial address. */
  urls: string[];
  /** Frames of other origins. */
  foreign: number;
  /** Those among them that are inside another such frame: they have no address here. */
  nested: number;
}

/** The frames as the page reports them; none if it is closed to extensions. Throws if no answer came. */
export async function readFrames(evaluate: Evaluate): Promise<PageFrames> {
  const found = await evaluate(`(${collectFrames.toString()})(${MOST_FRAMES})`).catch(unlessClosed(""));
  const lines = typeof found === "string" ? found.split("\n").filter((line) => line !== "") : [];
  const [, foreign = 0, nested = 0] = /^# (\d+) (\d+)$/.exec(lines.at(-1) ?? "") ?? [];
  return {
    urls: lines.filter((line) => !line.startsWith("#")),
    foreign: Number(foreign),
    nested: Number(nested),
  };
}

/**
 * Addresses of the page and its frames as the page reports them; empty if it is closed to extensions. Throws if no answer came.
 */
export async function readFrameUrls(evaluate: Evaluate): Promise<string[]> {
  return (await readFrames(evaluate)).urls;
}

/**
 * `sessionStorage` of the page at `origin` and of those frames that can be reached, each under the origin in whose
 * document it was read.
 */
export async function readStorage(evaluate: Evaluate, origin: string): Promise<StoredItems[]> {
  const stores = new Map<string, StoredItems>();
  for (const place of await placesOf(evaluate, origin)) {
    if (stores.has(place.origin)) continue;
    const expression = onlyAt(place.origin, `(${collectItems.toString()})(sessionStorage)`, '""');
    const items = await evaluate(expression, place.frame).then(readItems, () => []);
    if (items.length > 0) stores.set(place.origin, { origin: place.origin, items });
  }
  return [...stores.values()];
}

/** Empties the `sessionStorage` of the page at `origin`, and that of the frames that can be reached. */
export async function clearStorage(evaluate: Evaluate, origin: string, stores: StoredItems[]): Promise<void> {
  await eachStore(evaluate, origin, stores, () => "sessionStorage.clear()");
}

/** Restores what `readStorage` returned, each to its origin. Items set since then stay, unless they have the same name. */
export async function restoreStorage(
  evaluate: Evaluate,
  origin: string,
  stores: StoredItems[],
): Promise<void> {
  await eachStore(evaluate, origin, stores, ({ items }) => {
    const pairs = JSON.stringify(items);
    return `${pairs}.forEach(([key, value]) => sessionStorage.setItem(key, value))`;
  });
}

/** A document to read: the page (`frame` absent), or a frame by the address by which the browser finds it. */
interface Place {
  origin: string;
  frame?: string;
}

async function placesOf(evaluate: Evaluate, origin: string): Promise<Place[]> {
  const frames = (await readFrameUrls(evaluate)).slice(1).filter((url) => URL.canParse(url));
  const places = frames.map((frame) => ({ origin: new URL(frame).origin, frame }));
  return [{ origin }, ...places.filter((place) => place.origin !== "null")];
}

/** Runs an expression once in a document of each store's origin, trying the page itself first. */
async function eachStore(
  evaluate: Evaluate,
  origin: string,
  stores: StoredItems[],
  toExpression: (store: StoredItems) => string,
): Promise<void> {
  const places = await placesOf(evaluate, origin);
  for (const store of stores) {
    const expression = onlyAt(store.origin, `(${toExpression(store)}, true)`, "false");
    for (const place of places.filter((each) => each.origin === store.origin)) {
      if ((await evaluate(expression, place.frame).catch(() => false)) === true) break;
    }
  }
}

/** The expression in a document of this origin, otherwise the value that stands for nothing. */
function onlyAt(origin: string, expression: string, nothing: string): string {
  return `location.origin === ${JSON.stringify(origin)} ? ${expression} : ${nothing}`;
}

function unlessClosed<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ClosedPageError) return value;
    throw error;
  };
}

/** Reads `3:5:keyvalue` pairs, lengths first. If the string is invalid, returns what was read until then. */
function readItems(text: unknown): [string, string][] {
  const items: [string, string][] = [];
  if (typeof text !== "string") return items;
  for (let at = 0; at < text.length; ) {
    const lengths = /^(\d{1,9}):(\d{1,9}):/.exec(text.slice(at, at + 20));
    if (lengths === null) return items;
    const [head, key, value] = lengths.map((part, index) => (index === 0 ? part.length : Number(part)));
    const start = at + (head ?? 0);
    const middle = start + (key ?? 0);
    at = middle + (value ?? 0);
    if (at > text.length) return items;
    items.push([text.slice(start, middle), text.slice(middle, at)]);
  }
  return items;
}

/** Runs in the page: the items as one string, lengths first. By index, because an item may be named like one of the methods. */
function collectItems(storage: Storage): string {
  let text = "";
  for (let at = 0; at < storage.length; at += 1) {
    const key = `${storage.key(at)}`;
    const value = `${storage.getItem(key)}`;
    text += `${key.length}:${value.length}:${key}${value}`;
  }
  return text;
}

/**
 * Runs in the page. One line each for its own address and those of its frames, as deep as they are visible; then how many frames
 * have other origins, and how many of these are inside another. A page sees how many frames a frame of another origin has.
 */
function collectFrames(most: number): string {
  let urls = "";
  let count = 0;
  let foreign = 0;
  let nested = 0;
  const add = (url: string): void => {
    urls += `${url}\n`;
    count += 1;
  };
  const visit = (view: Window): void => {
    if (count >= most) return;
    add(view.location.href);
    for (const frame of view.document.querySelectorAll<HTMLIFrameElement>("iframe, frame")) {
      let inner: Document | null = null;
      try {
        inner = frame.contentDocument;
      } catch {}
      if (inner?.defaultView) visit(inner.defaultView);
      else if (count < most) {
        foreign += 1;
        if (frame.src) add(frame.src);
        if (frame.contentWindow) visitWithin(frame.contentWindow);
      }
    }
  };
  const visitWithin = (view: Window): void => {
    for (let at = 0; at < view.length && count < most; at += 1) {
      const inner = view[at];
      let isOpen = false;
      try {
        isOpen = !!inner?.document;
      } catch {}
      if (isOpen && inner) visit(inner);
      else if (inner) {
        count += 1;
        foreign += 1;
        nested += 1;
        visitWithin(inner);
      }
    }
  };
  visit(window);
  return `${urls}# ${foreign} ${nested}`;
}
