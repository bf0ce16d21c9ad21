/** Counting steps detects what is not linear, so a test that counts them does too. */
import { beforeAll, describe, expect, it } from "vitest";
import { loadCountedText } from "./count-steps.ts";
import { counter, TooManySteps } from "./step-counter.ts";

/** Each reads a string of n characters. */
const CODE = `
export const linear = {
  "a scanner": (text) => { let n = 0; for (let at = 0; at < text.length; at += 1) if (text[at] === "a") n++; return n; },
  "a search that goes on": (text) => { let n = 0; for (let at = text.indexOf("a"); at !== -1; at = text.indexOf("a", at + 1)) n++; return n; },
  "a split and a join": (text) => text.split("a").map((part) => part.trim()).join("b"),
  "a pattern": (text) => text.replace(/a/g, "b").match(/b/g)?.length,
  "a pattern that is sticky": (text) => { const word = /a/y; let n = 0; while (word.test(text)) n++; return n; },
  "one of JSON": (text) => JSON.parse(JSON.stringify({ ...{ text } })).text,
};
export const quadratic = {
  "a scanner in a scanner": (text) => { let n = 0; for (let at = 0; at < text.length; at++) for (let to = at; to < text.length; to++) n++; return n; },
  "a loop without a block": (text) => { let n = 0; for (const _ of text) for (let to = 0; to < text.length; to++) n++; return n; },
  "a function that is given": (text) => [...text].filter((_, at) => [...text].some((_, to) => to === at)).length,
  "a search from each letter": (text) => { let n = 0; for (let at = 0; at < text.length; at++) n += text.indexOf("!", at); return n; },
  "a search in vain from each letter": (text) => { let n = 0; for (let at = 0; at < text.length; at++) n += text.includes("!", at) ? 1 : 0; return n; },
  "a rest that is cut off at each letter": (text) => { let rest = text; while (rest !== "") rest = rest.slice(1); return rest; },
  "a list that is copied at each letter": (text) => { let list = []; for (const letter of text) list = [...list, letter]; return list; },
  "a list that is joined at each letter": (text) => { let list = []; for (const letter of text) list = list.concat(letter); return list; },
  "an object that is copied at each letter": (text) => { let all = {}; let at = 0; for (const letter of text) all = { ...all, [at++]: letter }; return all; },
  "a queue that is a list": (text) => { const list = text.split(""); while (list.length > 0) list.shift(); return list; },
  "a search in a list": (text) => { const list = []; for (let at = 0; at < text.length; at++) if (!list.includes(at)) list.push(at); return list; },
  "a comparison at each letter": (text) => { let n = 0; for (let at = 0; at < text.length; at++) if (text.slice(1) === text.slice(0, -1)) n++; return n; },
  "a table at each letter": (text) => { let n = 0; for (let at = 0; at < text.length; at++) n += new Uint8Array(text.length).length; return n; },
  "a pattern at each letter": (text) => { let n = 0; for (const _ of text) n += /!/.test(text) ? 1 : 0; return n; },
  "a reading of all at each letter": (text) => { let n = 0; for (let at = 0; at < text.length; at++) n += decodeURIComponent(text).length; return n; },
  "what is asked only if it is there": (text) => { let n = 0; for (let at = 0; at < text.length; at++) n += text?.indexOf("!", at) ?? 0; return n; },
  "what swallows errors": (text) => { let n = 0; for (const _ of text) { try { for (const _ of text) n++; } catch { n--; } } return n; },
};`;

/** Steps per character at which the work is stopped. */
const MOST = 1_500;

type Table = Record<string, (text: string) => unknown>;
let linear: Table = {};
let quadratic: Table = {};

beforeAll(async () => {
  ({ linear, quadratic } = (await loadCountedText(CODE)) as { linear: Table; quadratic: Table }); // as written above
});

/** Steps per character. */
function stepsFor(work: ((text: string) => unknown) | undefined, length: number): number {
  counter.taken = 0;
  counter.limit = MOST * length;
  try {
    work?.("a".repeat(length));
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
  }
  return counter.taken / length;
}

describe("counted steps", () => {
  it("grow linearly for linear code", () => {
    for (const [name, work] of Object.entries(linear)) {
      const few = stepsFor(work, 100);
      expect(few, name).toBeGreaterThanOrEqual(0.9);
      expect(stepsFor(work, 10_000), name).toBeLessThan(few + 1);
      expect(few, name).toBeLessThan(10);
    }
  });

  it("grow faster for quadratic code", () => {
    for (const [name, work] of Object.entries(quadratic)) {
      const few = stepsFor(work, 100);
      expect(few, name).toBeGreaterThan(40);
      expect(stepsFor(work, 400), name).toBeGreaterThan(3.5 * few);
    }
  });

  it("stop work that takes too many, even if it swallows errors", () => {
    for (const [name, work] of Object.entries(quadratic)) {
      expect(stepsFor(work, 5_000), name).toBeGreaterThan(MOST);
    }
  });

  it("do not change what the code does", () => {
    counter.limit = Number.POSITIVE_INFINITY;
    expect(linear["a split and a join"]?.("1a 2 a3")).toBe("1b2b3");
    expect(linear["one of JSON"]?.("ä\ud800")).toBe("ä\ud800");
    expect(linear["a pattern"]?.("cc")).toBeUndefined();
    expect(quadratic["an object that is copied at each letter"]?.("ab")).toEqual({ 0: "a", 1: "b" });
  });
});
