/** Whatever happens on a site, and however late a browser reports it, no request is credited with a change that it did not make. */
import { expect, it } from "vitest";
import { differences } from "../../../../extension/logic/json/difference.ts";
import type { Reading, SpanEntry } from "../../../../extension/logic/timeline/entry.ts";
import { type Act, createDjangoInMemory, type Truth } from "./django-in-memory.ts";
import { seeded } from "./event-clock.ts";

const ACTS: readonly Act[] = [
  "look",
  "look",
  "look",
  "change",
  "change",
  "save",
  "login",
  "logout",
  "fixate",
];
const PLAYS = process.env["SESSIONS_FIELD"] === "true" ? 2000 : 40;
const STEPS = 25;

/** Sequential and overlapping requests, from this tab and (`others`) from another. */
async function play(seed: number, others: boolean) {
  const random = seeded(seed);
  const site = createDjangoInMemory({ random, savesEvery: random() < 0.25 });
  await site.runFor(1500);
  let at = 0;
  let own = true;
  for (let step = 0; step < STEPS; step += 1) {
    const act = ACTS[site.between(0, ACTS.length - 1)] ?? "look";
    const before: boolean = own;
    own = !others || random() < 0.75;
    at += random() < 0.4 ? site.between(0, 80) : site.between(200, 2500);
    // Reading the session cannot distinguish what two tabs do at the same time.
    if (own !== before) at += 3500;
    const mine = own;
    site.later(at, () => site.request(act, mine));
  }
  await site.runFor(at + 20_000);
  site.stop();
  return site;
}

/** What is false in a reading that was attributed to a request. */
function faultOf(reading: Reading, truth: Truth | undefined): string | null {
  if (reading.gone !== undefined) return truth?.cookieEndedAt != null ? null : `gone: ${reading.gone}`;
  const shown = new Set(differences(reading.before, reading.after).map(({ path }) => String(path[0])));
  const made = new Set(truth?.changed);
  const strange = [...shown, ...made].filter((key) => !(shown.has(key) && made.has(key)));
  if (strange.length > 0) return `${strange} shown or made, not both`;
  return reading.newKey === true && !truth?.newKey ? "a new key" : null;
}

/** What is false in a span about a session that is gone. */
function falselyGone(
  { reading, from, at }: SpanEntry,
  site: Awaited<ReturnType<typeof play>>,
): string | null {
  const ends = [...site.truths.values()].some(
    ({ cookieEndedAt: end }) => end !== null && end >= from && end <= at,
  );
  const isTrue = {
    deleted: ends,
    "no-cookie": ends, // by the other tab
    ended: site.vain.includes(at),
    "other-cookie": site.vain.includes(at),
  };
  return reading.gone === undefined || isTrue[reading.gone] ? null : reading.gone;
}

it.each([
  ["of a tab that is alone", false],
  ["of a tab next to another", true],
] as const)(
  "never shows a request %s with a change that it did not make, not even temporarily",
  { timeout: 600_000 },
  async (_, others) => {
    const faults: string[] = [];
    let credits = 0;
    let changes = 0;
    for (let seed = 1; seed <= PLAYS; seed += 1) {
      const site = await play(seed, others);
      const truths = [...site.truths.values()];
      for (const { id, reading } of site.told) {
        const fault = faultOf(reading, site.truths.get(id));
        if (fault !== null) faults.push(`play ${seed}, ${id}: ${fault}`);
      }
      for (const span of site.spansTold) {
        const fault = falselyGone(span, site);
        if (fault !== null) faults.push(`play ${seed}, ${span.id}: gone: ${fault}`);
      }
      credits += [...site.readings.values()].filter(({ before, after }) => before !== after).length;
      changes += truths.filter(({ changed }) => changed.length > 0).length;
    }
    expect(faults.slice(0, 10)).toEqual([]);
    // Crediting no request at all would not pass: many of these overlap, and most of the rest must have their change.
    expect(credits / changes).toBeGreaterThan(0.35);
  },
);

it("credits every request that does not overlap another", async () => {
  for (let seed = 1; seed <= PLAYS / 4; seed += 1) {
    const site = createDjangoInMemory({ random: seeded(seed), savesEvery: false });
    await site.runFor(1500);
    for (const act of ["change", "login", "look", "change", "fixate", "logout", "look", "fixate"] as const) {
      site.request(act, true);
      await site.runFor(5000);
    }
    site.stop();
    for (const [id, { act, changed, newKey, deleted }] of site.truths) {
      const reading = site.readings.get(id);
      if (act === "look" && reading === undefined) continue; // the page behind a redirect
      expect(reading, `play ${seed}: ${act}`).toBeDefined();
      expect(reading?.before !== reading?.after, `play ${seed}: ${act}`).toBe(changed.length > 0 || deleted);
      expect(reading?.newKey === true, `play ${seed}: ${act}`).toBe(newKey);
    }
    expect(site.spans.size).toBe(0);
  }
});
