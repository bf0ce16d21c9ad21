/** The panel's cookies and simulated close, through the background and the page, each of which may fail. */
import { describe, expect, it } from "vitest";
import { type AnswerParts, answerQuestion } from "../../../extension/background/answer-questions.ts";
import { createCookieJar } from "../../../extension/background/cookie-jar.ts";
import { createAsk } from "../../../extension/ports/ask-background.ts";
import { createCookiesPort, createRehearsalPort } from "../../../extension/ports/cookie-jar.ts";
import type { Evaluate } from "../../../extension/ports/evaluate.ts";
import { createFakeJar, NOW } from "../fake-jar.ts";

const TAB = 1;

/** What the page reports: its frames only. */
const page =
  (urls: string[]): Evaluate =>
  async (expression) =>
    expression.includes("querySelectorAll") ? urls.join("\n") : "";

/** `known` is the page's address as the browser reports it. */
function open({
  urls = ["http://app.test/"],
  known = urls[0],
  sites = [] as string[],
  whole = false,
  documents,
  evaluate = page(urls),
}: {
  urls?: string[];
  known?: string | undefined;
  sites?: string[];
  /** Whether the page's load was recorded. */
  whole?: boolean;
  /** What DevTools reports; absent if it does not. */
  documents?: () => Promise<string[]>;
  evaluate?: Evaluate;
} = {}) {
  const fake = createFakeJar();
  const nothing = { addListener: () => {} };
  const parts: AnswerParts = {
    jar: createCookieJar(fake, () => NOW),
    permissions: { contains: async () => true, onAdded: nothing, onRemoved: nothing },
    tabs: { get: async () => ({ url: known }) },
    watch: () => {},
    openOptions: async () => null,
  };
  /** Stops the call that is running: it never returns, and does nothing more. */
  let die = () => {};
  const ask = createAsk(async (question) => {
    const { promise, reject } = Promise.withResolvers<unknown>();
    die = () => reject(new Error("message channel closed"));
    const whole = answerQuestion(parts, structuredClone(question));
    return Promise.race([promise, whole]).catch(async (error: unknown) => {
      await whole;
      fake.breakAt(null);
      throw error;
    });
  });
  const polled: (() => Promise<void>)[] = [];
  const jar = {
    ask,
    tabId: TAB,
    evaluate,
    sites: () => ({ urls: sites, whole }),
    documents,
    watch: () => () => {},
  };
  return {
    fake,
    cookies: createCookiesPort({
      ...jar,
      poll(task) {
        polled.push(task);
        return () => {};
      },
    }),
    rehearsal: createRehearsalPort(jar),
    /** Kills the background before its n-th browser call from now. */
    kill: (at: number) =>
      fake.breakAt((call) => {
        if (call < at) return null;
        die();
        return "before";
      }),
    poll: async () => {
      for (const task of polled) await task();
    },
  };
}

describe("frames inside frames of another origin", () => {
  const urls = ["http://app.test/", "https://embed.test/"];
  /** The page sees two cross-origin frames: its own, and the one inside it. */
  const evaluate: Evaluate = async () => `${urls.join("\n")}\n# 2 1`;

  it("are listed as DevTools reports them, even if the frame around them was redirected", async () => {
    const documents = async () => ["http://app.test/", "https://moved.test/", "https://inner.test/"];
    const list = await open({ evaluate, documents }).cookies.list();
    expect(list.hosts).toEqual(["app.test", "embed.test", "moved.test", "inner.test"]);
    expect(list.unknownFrames).toBeUndefined();
  });

  it("are listed from the requests of a page whose load was recorded", async () => {
    const list = await open({ evaluate, sites: ["https://inner.test/"], whole: true }).cookies.list();
    expect(list.hosts).toContain("inner.test");
    expect(list.unknownFrames).toBeUndefined();
  });

  it("are counted as unknown if neither reports them", async () => {
    expect((await open({ evaluate }).cookies.list()).unknownFrames).toBe(1);
    const documents = () => Promise.reject(new Error("no answer"));
    expect((await open({ evaluate, documents }).cookies.list()).unknownFrames).toBe(1);
  });

  it("are looked up only if there are cross-origin frames", async () => {
    let asked = 0;
    const documents = async () => {
      asked += 1;
      return [];
    };
    await open({ documents }).cookies.list();
    expect(asked).toBe(0);
  });
});

describe("the panel's list of cookies", () => {
  it("covers the page, its frames, and the servers in its requests", async () => {
    const { fake, cookies } = open({
      urls: ["http://app.test/", "https://embed.test/"],
      sites: ["http://api.test/"],
    });
    for (const domain of ["app.test", "embed.test", "api.test", "other.test"])
      fake.put({ name: domain, domain });
    const list = await cookies.list();
    expect(list.hosts).toEqual(["app.test", "embed.test", "api.test"]);
    expect(list.cookies.map(({ name }) => name)).toEqual(list.hosts);
  });

  it("is empty for a page that extensions cannot access, whatever was there before", async () => {
    const { fake, cookies } = open({ urls: [], sites: ["http://app.test/"] });
    fake.put({ name: "a" });
    expect(await cookies.list()).toEqual({ cookies: [], hosts: [], denied: [] });
  });

  it("covers the page and the servers in its requests if the page does not respond", async () => {
    const evaluate = async () => Promise.reject(new Error("no answer"));
    expect((await open({ evaluate, sites: ["http://api.test/"] }).cookies.list()).hosts).toEqual([
      "app.test",
      "api.test",
    ]);
  });

  it("is updated even if the browser reports no change", async () => {
    const { fake, cookies, poll } = open();
    let changes = 0;
    fake.put({ name: "a" });
    await cookies.list();
    cookies.watch(() => {
      changes += 1;
    });
    await poll();
    expect(changes).toBe(0);
    fake.put({ name: "a", expirationDate: NOW / 1000 + 5 });
    await poll();
    await poll();
    expect(changes).toBe(1);
  });
});

describe("a cookie", () => {
  it("that cannot be written is reported with the reason, and is unchanged", async () => {
    const { fake, cookies } = open();
    fake.put({ name: "a" });
    const [a] = (await cookies.list()).cookies;
    if (a === undefined) throw new Error("there is no cookie");
    const elsewhere = { ...a, storeId: "9" };
    expect(await cookies.write(elsewhere, a)).toEqual({
      ok: false,
      reason: expect.stringContaining("it belongs to store 9"),
      restored: true,
    });
    expect(await cookies.remove(elsewhere)).toBe(false);
    expect(fake.all()).toHaveLength(1);
  });
});

describe("a simulated close", () => {
  it("that is stopped half-way and repeated still knows everything it deleted", async () => {
    for (let call = 1; call <= 9; call++) {
      const { fake, rehearsal, kill } = open();
      for (const name of ["a", "b", "c"]) fake.put({ name });
      const before = fake.all();
      kill(call);
      const report = await rehearsal.close();
      expect(report.cookies.map(({ name }) => name)).toEqual(["a", "b", "c"]);
      expect(fake.all()).toEqual([]);
      expect(await rehearsal.restore(report)).toEqual({ failed: [] });
      expect(fake.all()).toEqual(before);
    }
  });

  it.each([
    ["while it deletes", 5, 5],
    ["and cannot even say what is left", 5, 12],
  ])("that fails %s still reports what was deleted, so that it can be undone", async (_, first, last) => {
    const { fake, rehearsal } = open();
    for (const name of ["a", "b", "c"]) fake.put({ name });
    const before = fake.all();
    fake.breakAt((call) => (call >= first && call <= last ? "before" : null));
    const report = await rehearsal.close();
    fake.breakAt(null);
    expect(await rehearsal.restore(report)).toEqual({ failed: [] });
    expect(fake.all().toSorted((x, y) => (x.name < y.name ? -1 : 1))).toEqual(before);
  });
});
