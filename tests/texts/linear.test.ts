/**
 * Every string from elsewhere is read in a number of steps that is linear in its length, whatever it contains (T31,
 * T42). Steps are counted, so the result does not depend on the clock or the load.
 *
 * `npm test` plays one in a hundred of the strings; the field suite `texts` plays all.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { loadCounted } from "./count-steps.ts";
import { historyOf } from "./history-of.ts";
import { createRandom, createText } from "./hostile-texts.ts";
import { counter } from "./step-counter.ts";
import type { Subject } from "./subjects.ts";

const WHOLE = process.env["SESSIONS_FIELD"] !== undefined;
const SHORT = { most: 2 * 1024, least: 1, texts: WHOLE ? 100_000 : 1_000, seed: 31 };
const LONG = { most: 256 * 1024, least: 256 * 1024, texts: WHOLE ? 200 : 4, seed: 42_000_000 };

/**
 * The most steps per character, by part: one and a half times those of the worst string of the field suite. The most
 * steps are for short strings with many readers: a key's name has ten scanners and a table, a cookie thirty rules. Encoded
 * strings are scanned once for each of at most four layers, a path twice, and a string of a history once more.
 */
const PER_LETTER: Record<string, number> = {
  redaction: 600,
  cookies: 25,
  forms: 105,
  difference: 25,
  export: 1_800,
};
/** Additional steps for a string of any length. */
const FIXED = 5_000;
/** A subject's output for a string, such as JSON in JSON, is at most this many times as long. Used for the limit at which it is stopped. */
const MOST_GIVEN = 50;

interface Counted {
  subjects: Record<string, readonly Subject[]>;
  exportRows(history: ReturnType<typeof historyOf>): void;
}
let counted: Counted = { subjects: {}, exportRows: () => undefined };

beforeAll(async () => {
  counted = (await loadCounted(new URL("subjects.ts", import.meta.url).pathname)) as Counted; // that module's exports
});

/** Steps per character, without the fixed part. */
async function measure(subject: Subject, text: string, perLetter: number): Promise<number> {
  counter.taken = 0;
  counter.limit = perLetter * MOST_GIVEN * (text.length + 100);
  const given = await subject.read(text);
  return (counter.taken - FIXED) / Math.max(1, given);
}

/** Passes the strings to every subject of a part; returns the most steps per character. */
async function playTexts(part: string, { most, least, texts, seed: first }: typeof SHORT): Promise<number> {
  const bound = PER_LETTER[part] ?? 0;
  let worst = 0;
  for (let seed = first; seed < first + texts; seed += 1) {
    const random = createRandom(seed);
    const text = createText(random, least + random(random(most - least + 1) + 1));
    for (const subject of counted.subjects[part] ?? []) {
      const steps = await measure(subject, text, bound).catch((error: unknown) => error);
      if (typeof steps === "number") worst = Math.max(worst, steps);
      if (typeof steps === "number" && steps <= bound) continue;
      const shown = `${text.length} letters of seed ${seed}: ${JSON.stringify(text.slice(0, 80))}`;
      throw new Error(`${part}: ${subject.name}: ${steps} steps for a letter, ${shown}`, { cause: steps });
    }
  }
  return worst;
}

describe("strings from elsewhere are read in steps that are linear in their length", () => {
  it.each(Object.keys(PER_LETTER))("by every reader in: %s", { timeout: 1_800_000 }, async (part) => {
    expect(counted.subjects[part]?.length).toBeGreaterThan(1);
    const short = await playTexts(part, SHORT);
    const long = await playTexts(part, LONG);
    expect(short).toBeGreaterThan(1); // it is counted
    expect(long).toBeLessThan(1.5 * short);
  });

  it("and an export takes steps that are linear in its rows", { timeout: 60_000 }, () => {
    const stepsFor = (rows: number): number => {
      const history = historyOf(
        Array.from({ length: rows }, (_, row) => `/orders/${row}?token=${row}k3v9x0q2lmn8`),
        (text) => JSON.stringify({ user_id: 1, cart: [text], csrf_token: text.slice(-8) }),
      );
      counter.taken = 0;
      counter.limit = Number.POSITIVE_INFINITY;
      counted.exportRows(history);
      return counter.taken;
    };
    const few = stepsFor(1_000);
    const many = stepsFor(10_000);
    expect(many / few).toBeGreaterThan(9);
    expect(many / few).toBeLessThan(11);
  });
});
