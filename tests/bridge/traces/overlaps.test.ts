/** Which of several overlapping requests lost a change to which other: by when each loaded and stored, and what it stored. */
import { describe, expect, it } from "vitest";
import {
  type Ending,
  findingsOf,
  type Recent,
  toRecent,
} from "../../../server-bridge/src/bridge/traces/findings.ts";

const digest = (value: string) => value;

/** A request that loaded `cart` at one time and stored it at another. */
function ending(
  name: string,
  loadedAtMs: number,
  endedAtMs: number,
  [before, after]: [string, string],
): Ending {
  return {
    traceId: name,
    loadedAtMs,
    endedAtMs,
    beforeKey: "k",
    afterKey: "k",
    before: new Map([["cart", before]]),
    after: new Map([["cart", after]]),
    unsaved: null,
    changes: before === after ? [] : [{ key: "cart", kind: "changed" }],
    isSame: before === after,
    gone: false,
    saved: true,
    savedByPolicy: false,
    merged: false,
    conflictKeys: [],
    carriedBytes: null,
    splits: false,
    otherSessions: 0,
  };
}

/** The traces that the last of these requests is said to have stored over. */
function lostBy(...requests: Ending[]): string[] {
  const last = requests.at(-1);
  const recent = requests.slice(0, -1).flatMap((one): Recent | [] => toRecent(one, digest) ?? []);
  const findings = last ? findingsOf(last, recent, digest) : [];
  return findings.filter(({ code }) => code === "lost-update").flatMap(({ traces }) => traces ?? []);
}

describe("a lost update", () => {
  it("is reported if the other stored between this one's load and its store", () => {
    expect(lostBy(ending("first", 0, 2, ["[]", "[1]"]), ending("second", 1, 3, ["[]", "[2]"]))).toEqual([
      "first",
    ]);
  });

  it("is not reported if this one had loaded what the other stored", () => {
    expect(lostBy(ending("first", 0, 2, ["[]", "[1]"]), ending("second", 1, 3, ["[1]", "[1,2]"]))).toEqual(
      [],
    );
  });

  it("is not reported if the other stored after this one", () => {
    expect(lostBy(ending("first", 0, 4, ["[]", "[1]"]), ending("second", 1, 3, ["[]", "[2]"]))).toEqual([]);
  });

  it("is attributed to the one that stored over it, not to one that loaded only afterwards", () => {
    const first = ending("first", 0, 2, ["[]", "[1]"]);
    const second = ending("second", 1, 3, ["[]", "[2]"]);
    expect(lostBy(first, second, ending("third", 2, 4, ["[2]", "[2,3]"]))).toEqual([]);
  });

  it("names all whose change is lost, in any order of reports", () => {
    const first = ending("first", 0, 5, ["[]", "[1]"]);
    const second = ending("second", 1, 4, ["[]", "[2]"]);
    expect(lostBy(first, second, ending("third", 1, 6, ["[]", "[3]"]))).toEqual(["first", "second"]);
  });
});
