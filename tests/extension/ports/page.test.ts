/** Reading the inspected page: its frames, its `sessionStorage`, and browsers that lose track of it. */
import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { ClosedPageError, createEvaluate, type RawEvaluate } from "../../../extension/ports/evaluate.ts";
import {
  clearStorage,
  readFrames,
  readFrameUrls,
  readStorage,
  readUrl,
  restoreStorage,
} from "../../../extension/ports/page.ts";
import type { StoredItems } from "../../../extension/ports/ports.ts";

/** The parts of a browser's page that the expressions read. */
function createPage(origin = "http://app.test", frames: object[] = []) {
  const items = new Map<string, string>();
  const sessionStorage = {
    get length() {
      return items.size;
    },
    key: (at: number) => [...items.keys()][at] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, String(value)),
    clear: () => items.clear(),
  };
  const view: Record<string, unknown> = {
    location: { href: `${origin}/`, origin },
    document: { querySelectorAll: () => frames },
    sessionStorage,
  };
  view["window"] = view;
  const context = createContext(view);
  return { items, view, evaluate: async (text: string): Promise<unknown> => runInContext(text, context) };
}

/** What a hostile page overrides, each to pretend to be another page. */
const OVERRIDES = `
  const lie = "http://victim.test";
  JSON.stringify = () => '{"value":"' + lie + '/"}';
  Array.from = () => [lie]; Array.prototype.toJSON = Object.prototype.toJSON = String.prototype.toJSON = () => lie;
  String.prototype.toString = String.prototype.valueOf = () => lie;
  Array.prototype.push = Array.prototype.join = () => lie; String.prototype.concat = () => lie;
  Object.is = () => true; String = () => lie; 0
`;

/** Stopped time: nothing is ever late. */
const never: (ms: number) => Promise<void> = () => new Promise(() => {});

function look(raw: RawEvaluate, renew: (() => Promise<RawEvaluate>) | null = null, wait = never) {
  return createEvaluate({ raw, renew, wait });
}

describe("an evaluation", () => {
  it("returns the value from both browsers' result shapes", async () => {
    const page = createPage();
    expect(await look(page.evaluate)("1 + 1")).toBe(2);
    expect(await look(async (text) => [await page.evaluate(text), null])("1 + 1")).toBe(2);
  });

  it("throws for a page that extensions cannot access", async () => {
    const closed = look(async () => [undefined, { isError: true, description: "not allowed" }]);
    await expect(closed("1")).rejects.toBeInstanceOf(ClosedPageError);
    expect(await readUrl(closed)).toBeNull();
    expect(await readFrameUrls(closed)).toEqual([]);
  });

  it("is retried while a navigation leaves no document", async () => {
    const page = createPage();
    const between = { isError: true, code: "E_FAILED", details: ["no execution context"] };
    const replies: unknown[] = [
      [undefined, between],
      [undefined, between],
    ];
    const evaluate = look(
      async (text) => replies.shift() ?? page.evaluate(text),
      null,
      async (ms) => {
        if (ms >= 1_000) await never(ms);
      },
    );
    expect(await evaluate("2 + 2")).toBe(4);
  });

  it("continues in a new document when Firefox has lost the page, and stays there", async () => {
    const page = createPage();
    let renewals = 0;
    const lost: RawEvaluate = async () => Promise.reject(new Error("An unexpected error occurred"));
    const evaluate = look(lost, async () => {
      renewals += 1;
      return page.evaluate;
    });
    expect(await Promise.all([evaluate("1"), evaluate("2"), evaluate("3")])).toEqual([1, 2, 3]);
    expect(renewals).toBe(1);
  });

  it("that never returns is given up, and retried in a new document if there is one", async () => {
    const page = createPage();
    let waits = 0;
    const once = async (ms: number) => (ms >= 1_000 && waits++ === 0 ? undefined : never(ms));
    expect(
      await look(
        () => never(0),
        async () => page.evaluate,
        once,
      )("5"),
    ).toBe(5);
    await expect(
      look(
        () => never(0),
        null,
        async () => {},
      )("5"),
    ).rejects.toThrow("no answer");
  });
});

describe("a page that replaces the language's own functions (T36)", () => {
  it.each(["location.href", "location.origin", "location.origin === 'http://victim.test'"])(
    "does not change what %s returns",
    async (expression) => {
      const page = createPage("http://hostile.test");
      const honest = await look(page.evaluate)(expression);
      await page.evaluate(OVERRIDES);
      expect(await look(page.evaluate)(expression)).toBe(honest);
      expect(String(honest)).not.toContain("victim");
    },
  );

  it("returns only a string, a number or a boolean", async () => {
    const page = createPage();
    for (const expression of ["({})", "[]", "null", "undefined", "() => 1"]) {
      await expect(look(page.evaluate)(`(${expression})`)).rejects.toBeInstanceOf(ClosedPageError);
    }
  });
});

describe("the page's frames", () => {
  it("are listed after the page, recursively if same-origin, by address if not", async () => {
    const inner = createPage("http://app.test", [{ src: "https://deep.test/", contentDocument: null }]);
    const { view } = inner;
    const page = createPage("http://app.test", [
      { src: "http://app.test/in", contentDocument: { defaultView: view } },
      { src: "https://embed.test/x", contentDocument: null },
      { src: "", contentDocument: null },
    ]);
    expect(await readFrameUrls(look(page.evaluate))).toEqual([
      "http://app.test/",
      "http://app.test/",
      "https://deep.test/",
      "https://embed.test/x",
    ]);
  });

  it("are counted even if their address cannot be read, inside frames of another origin", async () => {
    const closed = (frames: object[] = []) => {
      const view: Record<string | number, unknown> = { ...frames, length: frames.length };
      Object.defineProperty(view, "document", {
        get() {
          throw new Error("blocked");
        },
      });
      return view;
    };
    const outer = { src: "https://embed.test/", contentWindow: closed([closed([closed()]), closed()]) };
    const { evaluate } = createPage("http://app.test", [outer]);
    expect(await readFrames(look(evaluate))).toEqual({
      urls: ["http://app.test/", "https://embed.test/"],
      foreign: 4,
      nested: 3,
    });
  });

  it("are ignored when the page returns something else", async () => {
    expect(await readFrameUrls(look(async () => ["http://app.test/"]))).toEqual(["http://app.test/"]);
    expect(await readFrameUrls(look(async () => [{ toString: 1 }, null]))).toEqual([]);
    expect(await readFrameUrls(look(async () => 7))).toEqual([]);
  });
});

describe("sessionStorage", () => {
  it("is read, cleared and restored, with items of any name", async () => {
    const page = createPage();
    const evaluate = look(page.evaluate);
    const items: [string, string][] = [
      ["cart", "[1]"],
      ["getItem", "x"],
      ["quote\"'`$\\</script>", "\u2028é"],
      ["", ""],
    ];
    for (const [key, value] of items) page.items.set(key, value);
    const origin = "http://app.test";
    const stores = await readStorage(evaluate, origin);
    expect(stores).toEqual([{ origin, items }]);
    await clearStorage(evaluate, origin, stores);
    expect(page.items.size).toBe(0);
    await restoreStorage(evaluate, origin, stores);
    expect([...page.items]).toEqual(items);
  });

  it("is read only under the origin that the browser reports (T36)", async () => {
    const page = createPage("http://hostile.test");
    page.items.set("token", "of the page");
    await page.evaluate(OVERRIDES);
    expect(await readStorage(look(page.evaluate), "http://victim.test")).toEqual([]);
    const own = await readStorage(look(page.evaluate), "http://hostile.test");
    expect(own.every(({ origin }) => origin === "http://hostile.test")).toBe(true);
  });

  it("of another origin is not touched when the tab has navigated away", async () => {
    const page = createPage("http://elsewhere.test");
    page.items.set("keep", "1");
    const evaluate = look(page.evaluate);
    const stores: StoredItems[] = [{ origin: "http://app.test", items: [["a", "1"]] }];
    // The browser reports the tab's page, possibly a little late.
    for (const told of ["http://elsewhere.test", "http://app.test"]) {
      await clearStorage(evaluate, told, stores);
      await restoreStorage(evaluate, told, stores);
    }
    expect([...page.items]).toEqual([["keep", "1"]]);
  });
});
