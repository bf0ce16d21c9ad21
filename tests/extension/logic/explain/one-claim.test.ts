/** No two sentences of "Why?" say the same thing: in no case, in no counter-case, and in no mixture of them. */
import { describe, expect, it } from "vitest";
import { explain, RULES } from "../../../../extension/logic/explain/explain.ts";
import type { Explanation, Facts } from "../../../../extension/logic/explain/facts.ts";
import { ALL_CASES } from "./cases/all-cases.ts";

const MIXED = 20_000;
/** This many shared words in a row are not a coincidence. */
const MANY_WORDS = 7;

const given = ALL_CASES.flatMap((one) => [one.given, one.counter.given]);
const claims = new Map(RULES.map(({ name, about, claims }) => [name, { about, claims }]));

/** Claims and runs of words that two of the sentences share. */
function repeated(said: readonly Explanation[]): string[] {
  const found: string[] = [];
  const made = new Set<string>();
  const runs = new Map<string, string>();
  for (const { rule, sentence } of said) {
    const its = claims.get(rule);
    for (const claim of its?.claims ?? []) {
      const whole = `${its?.about === "session"} ${claim}`;
      if (made.has(whole)) found.push(`${rule}: ${claim}`);
      made.add(whole);
    }
    const words = sentence.split(" ");
    for (let at = 0; at + MANY_WORDS <= words.length; at++) {
      const run = words.slice(at, at + MANY_WORDS).join(" ");
      if (runs.has(run)) found.push(`${rule} and ${runs.get(run)}: ${run}`);
    }
    for (let at = 0; at + MANY_WORDS <= words.length; at++)
      runs.set(words.slice(at, at + MANY_WORDS).join(" "), rule);
  }
  return found;
}

/** The same numbers in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Takes the request and its cookie from one case, the server's side from another, and their surroundings from a third. */
function mix(random: (below: number) => number): Facts {
  const pick = () => given[random(given.length)] ?? given[0];
  const [cookies, server, other, around] = [pick(), pick(), pick(), pick()];
  if (!cookies || !server || !other || !around) throw new Error("there are no cases");
  const { trace } = server;
  const operations = [...(trace?.operations ?? []), ...(other.trace?.operations ?? [])];
  const findings = [...(trace?.findings ?? []), ...(other.trace?.findings ?? [])];
  return {
    ...around,
    name: cookies.name,
    request: cookies.request,
    sent: cookies.sent,
    before: cookies.before,
    after: random(3) === 0 ? other.after : cookies.after,
    panelDid: random(2) === 0 ? cookies.panelDid : other.panelDid,
    trace: trace && { ...trace, operations, findings, cookie: other.trace?.cookie ?? trace.cookie },
    overwrittenBy: other.overwrittenBy,
  };
}

describe("no two sentences say the same thing", () => {
  it("in the cases and counter-cases", () => {
    expect(given.flatMap((one) => repeated(explain(one)))).toEqual([]);
  });

  it("in mixtures of them", () => {
    const random = createRandom(1);
    const found = new Set<string>();
    let sentences = 0;
    for (let count = 0; count < MIXED; count++) {
      const said = explain(mix(random));
      if (said.length > 1) sentences += said.length;
      for (const one of repeated(said)) found.add(one);
    }
    expect([...found]).toEqual([]);
    expect(sentences).toBeGreaterThan(MIXED / 4);
  });

  it("not even about two cookies in one row", () => {
    for (const one of given) {
      const made = new Set<string>();
      const said = [...explain(one, made), ...explain({ ...one, name: "other" }, made)];
      const ofSession = said.filter(({ rule }) => claims.get(rule)?.about === "session");
      expect(repeated(ofSession)).toEqual([]);
    }
  });

  it("and rules that share a claim are listed", () => {
    const shared = Object.entries(
      Object.groupBy(
        RULES.flatMap(({ name, claims }) => claims.map((claim) => ({ name, claim }))),
        ({ claim }) => claim,
      ),
    ).flatMap(([claim, of = []]) =>
      of.length > 1 ? [`${claim}: ${of.map(({ name }) => name).join(", ")}`] : [],
    );
    expect(shared.map((each) => each.split(": ")[0])).toEqual([
      "what became of the cookie",
      "it is too long",
      "two servers share it",
      "the login kept its key",
      "nothing was saved",
      "changes were joined",
      "it began empty",
      "it ends with the browser",
    ]);
  });
});
