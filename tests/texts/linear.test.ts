/**
 * Every text from elsewhere is read in a number of steps that grows with its length and not faster, whatever is in it (T31,
 * T42). Steps are counted, so no clock and no other work on the machine decide.
 *
 * `npm test` plays a tenth of the texts; the field suite `texts` plays all.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { loadCounted } from "./count-steps.ts";
import { historyOf } from "./history-of.ts";
import { createRandom, createText } from "./hostile-texts.ts";
import { counter } from "./step-counter.ts";
import type { Subject } from "./subjects.ts";

const WHOLE = process.env["SESSIONS_FIELD"] !== undefined;
const SHORT = { most: 2 * 1024, least: 1, texts: WHOLE ? 100_000 : 10_000, seed: 31 };
const LONG = { most: 256 * 1024, least: 256 * 1024, texts: WHOLE ? 200 : 20, seed: 42_000_000 };

/**
 * The most steps for a letter of what is given, by part: half as many again as the worst text of the field suite took. Most is
 * taken by what is short and looked at by many: the name of a key by ten scanners and a table, a cookie by thirty rules. What is
 * encoded is looked at by those scanners once for each of at most four layers, a path twice, and a text of a history once more.
 */
const PER_LETTER: Record<string, number> = {
  redaction: 600,
  cookies: 25,
  forms: 105,
  difference: 25,
  export: 1_800,
};
/** What may come on top for a text of any length. */
const FIXED = 5_000;
/** What a subject makes of a text, as JSON in JSON, is at most so many times as long. For the limit at which it is ended. */
const MOST_GIVEN = 50;

interface Counted {
  subjects: Record<string, readonly Subject[]>;
  exportRows(history: ReturnType<typeof historyOf>): void;
}
let counted: Counted = { subjects: {}, exportRows: () => undefined };

beforeAll(async () => {
  counted = (await loadCounted(new URL("subjects.ts", import.meta.url).pathname)) as Counted; // that module's exports
});

/** Steps for each letter that was given, without those that any text may take. */
async function measure(subject: Subject, text: string, perLetter: number): Promise<number> {
  counter.taken = 0;
  counter.limit = perLetter * MOST_GIVEN * (text.length + 100);
  const given = await subject.read(text);
  return (counter.taken - FIXED) / Math.max(1, given);
}

/** Gives the texts to every subject of a part; returns the most steps that one took for a letter. */
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

describe("texts from elsewhere are read in steps that grow with their length and not faster", () => {
  it.each(Object.keys(PER_LETTER))("by what is part of: %s", { timeout: 1_800_000 }, async (part) => {
    expect(counted.subjects[part]?.length).toBeGreaterThan(1);
    const short = await playTexts(part, SHORT);
    const long = await playTexts(part, LONG);
    expect(short).toBeGreaterThan(1); // it is counted
    expect(long).toBeLessThan(1.5 * short);
  });

  it("and an export in steps that grow with its rows", { timeout: 60_000 }, () => {
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
