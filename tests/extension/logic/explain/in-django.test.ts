/** What "Why?" says to do works in the library whose session it is: on a Django site, in Django. */
import { describe, expect, it } from "vitest";
import { explain } from "../../../../extension/logic/explain/explain.ts";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { ALL_CASES } from "./cases/all-cases.ts";

/** Names of Node's libraries, their methods and their options. */
const OF_NODE =
  /session-bridge|express|cycleKey|regenerate|secretKey|saveEveryRequest|resave|app\.use|AsyncResource/;

/** What a Django site never reports. */
const NEVER: Readonly<Record<string, string>> = {
  "other-user": "Django does not compare users when it saves",
  incomplete: "the package sees all of a request",
};

const remedyOf = (rule: string, given: Facts, library: string) =>
  explain({ ...given, library }).find((each) => each.rule === rule)?.remedy ?? "";
const cases = ALL_CASES.filter(({ rule }) => NEVER[rule] === undefined);

describe("on a Django site", () => {
  it.each(cases)("$rule says nothing that only works in Node", ({ rule, given }) => {
    expect(remedyOf(rule, given, "Django")).not.toMatch(OF_NODE);
  });

  it.each([
    ["lost-update", "select_for_update()"],
    ["resurrected", "django.contrib.sessions.backends.db"],
    ["login-without-new-key", "django.contrib.auth.login()"],
    ["login-kept-key", "request.session.cycle_key()"],
    ["unsaved-change", "request.session.save()"],
    ["not-saved-error", "request.session.save()"],
    ["unmarked-change", "request.session.modified = True"],
    ["needless-save", "only if its value is different"],
    ["near-4-kib", "SESSION_ENGINE"],
    ["late-change", "before the view returns"],
    ["tampered", "SECRET_KEY_FALLBACKS"],
    ["unknown-key", "LocMemCache"],
  ])("%s says: %s", (rule, words) => {
    const given = ALL_CASES.find((each) => each.rule === rule)?.given;
    if (given === undefined) throw new Error(`${rule} has no case`);
    expect(remedyOf(rule, given, "Django")).toContain(words);
  });
});

it("names the status that Django did not store at, because its versions differ in which they are", () => {
  const given = ALL_CASES.find((each) => each.rule === "unsaved-change")?.given;
  if (given === undefined) throw new Error("no case");
  const said = explain({ ...given, library: "Django" }).map(({ sentence }) => sentence);
  expect(said.join(" ")).toContain("Django does not store a session when the response is 500.");
  expect(said.join(" ")).not.toContain("500 and above");
});

describe("what the package reports of a load", () => {
  const why = (...operations: [name: "load" | "reject" | "not-saved", reason?: string][]) => {
    const given = ALL_CASES.find(({ rule }) => rule === "unknown-key")?.given;
    if (!given?.trace) throw new Error("no case");
    const done = operations.map(([name, reason]) => ({ name, durationMs: 1, ...(reason && { reason }) }));
    return explain({ ...given, library: "Django", trace: { ...given.trace, operations: done } });
  };
  const NONE = "no such session, or it has expired";

  it("does not claim that the session had expired if that is only one of two causes", () => {
    const told = why(["load", NONE]);
    expect(told.map(({ rule }) => rule)).toContain("unknown-key");
    expect(told.map(({ sentence }) => sentence).join()).not.toContain("the stored one had expired");
  });

  it("says of a cookie that cannot be opened that it may have expired", () => {
    const told = why(["load", NONE], ["reject", "the cookie cannot be opened"]);
    expect(told.find(({ rule }) => rule === "tampered")?.sentence).toContain("has expired, or was damaged");
  });

  it("says of a stored session that cannot be read that it is the store's", () => {
    const told = why(["load"], ["reject", "the stored session cannot be read"]);
    expect(told.map(({ rule }) => rule)).toContain("stored-unreadable");
  });

  it("says of a session that was deleted while the request ran why nothing was saved", () => {
    const given = ALL_CASES.find(({ rule }) => rule === "interrupted")?.given;
    if (!given?.trace) throw new Error("no case");
    const operations = [
      { name: "not-saved" as const, durationMs: 1, reason: "the session was deleted meanwhile" },
    ];
    const told = explain({ ...given, library: "Django", trace: { ...given.trace, operations } });
    expect(told.map(({ rule }) => rule)).toContain("interrupted");
  });
});

describe("the code that last read a changed value", () => {
  const found = (keys: string[], lines?: string[]) => {
    const given = ALL_CASES.find((each) => each.rule === "unmarked-change")?.given;
    if (!given?.trace) throw new Error("no case");
    const finding = { code: "unmarked-change" as const, keys, ...(lines && { lines }) };
    return explain({ ...given, trace: { ...given.trace, findings: [finding] } })[0]?.sentence ?? "";
  };

  it("is not named if it is not known", () => {
    for (const lines of [undefined, [], [""]]) expect(found(["cart"], lines)).not.toContain("last read");
  });

  it("is named with its key if there are several", () => {
    expect(found(["cart", "seen", "tags"], ["a.py:1", "", "b.py:2"])).toContain(
      "last read by a.py:1 (“cart”) and b.py:2 (“tags”), which may not be",
    );
  });

  it("is not named for keys that are only counted", () => {
    expect(found(["‹cut: 2 keys›"])).toContain("the value of 2 keys differed");
  });
});
