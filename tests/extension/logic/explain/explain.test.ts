/** Each rule of "Why?" gives a clear sentence in its case, and is silent in its counter-case. */
import { describe, expect, it } from "vitest";
import { explain, RULES } from "../../../../extension/logic/explain/explain.ts";
import type { Facts } from "../../../../extension/logic/explain/facts.ts";
import { ALL_CASES } from "./cases/all-cases.ts";
import { carried, cookie, facts, request } from "./material.ts";

const speaks = (rule: string, given: Facts) => explain(given).find((each) => each.rule === rule);

describe("the rules", () => {
  it("each have a case and a counter-case here", () => {
    expect(ALL_CASES.map(({ rule }) => rule).sort()).toEqual(RULES.map(({ name }) => name).sort());
    expect(ALL_CASES.filter(({ counter }) => counter.because !== "")).toHaveLength(RULES.length);
  });

  it.each(ALL_CASES)("$rule speaks in its case", ({ rule, given, says }) => {
    expect(speaks(rule, given)?.sentence).toContain(says);
  });

  it.each(ALL_CASES)("$rule is silent in its counter-case: $counter.because", ({ rule, counter }) => {
    expect(speaks(rule, counter.given)).toBeUndefined();
  });

  it.each(ALL_CASES)("$rule has a counter-case that is near", ({ given, counter }) => {
    const [from, to] = [leaves(given), leaves(counter.given)];
    const differing = [...new Set([...from.keys(), ...to.keys()])].filter(
      (at) => from.get(at) !== to.get(at),
    );
    expect(differing.length).toBeGreaterThan(0);
    // Facts about the same thing count once: a Set-Cookie is in the request, as text and parsed.
    expect(new Set(differing.map((at) => at.split(" ")[0])).size).toBeLessThanOrEqual(4);
    expect(counter.because).toMatch(/^[A-Z].*[.]$/);
  });

  it.each(ALL_CASES)("$rule says whole sentences", ({ rule, given }) => {
    const said = speaks(rule, given);
    expect(said?.sentence).toMatch(/^\S.*[.]$/);
    if (said?.remedy !== undefined) expect(said.remedy).toMatch(/^[A-Z].*[.]$/);
  });

  it.each(ALL_CASES)("$rule shows invisible characters in a name", ({ rule, given }) => {
    const name = `${given.name}\u200b`;
    const said = explain({ ...given, name }).map(({ sentence }) => sentence);
    expect(said.join(), rule).not.toContain("\u200b");
  });

  it("are silent when nothing is known", () => {
    expect(explain(facts({ request: null }))).toEqual([]);
  });

  it("say nothing about a refusal when the cookie arrived", () => {
    const arrived = facts({ line: "sessionid=abc; SameSite=None", after: cookie({ value: "abc" }) });
    expect(explain(arrived).map(({ rule }) => rule)).toEqual(["new"]);
  });

  it("do not mistake this panel's own deletion for an eviction", () => {
    const deleted = facts({ request: null, before: carried(), after: "absent", panelDid: "deleted" });
    expect(explain(deleted).map(({ rule }) => rule)).toEqual(["deleted-by-panel"]);
  });

  it("say of a cookie that was never seen to be sent that the browser may not have accepted it", () => {
    const unseen = facts({ request: null, before: { value: "abc", expiresAt: null }, after: "absent" });
    expect(speaks("evicted", unseen)?.sentence).toContain("the browser did not accept it or evicted it");
  });

  it("say what was requested when it is not known whether a cookie was deleted", () => {
    const missed = facts({ line: "sessionid=; Path=/app; Max-Age=0", before: carried(), after: null });
    expect(explain(missed).map(({ sentence }) => sentence)).toEqual([
      "POST /login told the browser to delete sessionid with Path /app.",
    ]);
  });

  it.each(["/authors", "/blogin", "/signings"])("do not take POST %s for a login", (path) => {
    const asked = request({ url: `http://localhost:8000${path}`, sentCookies: ["sessionid"] });
    expect(explain(facts({ request: asked, before: carried(), after: cookie() }))).toEqual([]);
  });

  it.each(["/login", "/users/sign_in", "/wp-login.php", "/sessions", "/auth/local"])(
    "take POST %s for a login",
    (path) => {
      const asked = request({ url: `http://localhost:8000${path}`, sentCookies: ["sessionid"] });
      const given = facts({ request: asked, before: carried(), after: cookie() });
      expect(explain(given).map(({ rule }) => rule)).toEqual(["login-kept-key"]);
    },
  );
});

/** Every fact by its place, `trace operations 0 name`. */
function leaves(value: unknown, at = ""): Map<string, unknown> {
  if (value instanceof Map) return leaves(Object.fromEntries(value), at);
  if (typeof value !== "object" || value === null || value instanceof Date)
    return new Map([[at.trim(), value instanceof Date ? value.getTime() : value]]);
  return new Map(Object.entries(value).flatMap(([key, part]) => [...leaves(part, `${at} ${key}`)]));
}
