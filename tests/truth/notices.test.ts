/** Every notice of the panel has its pair: it is shown in its case, and not in the nearest situation in which it would be false. */
import { describe, expect, it } from "vitest";
import { BANNERS, SHARED_COOKIE } from "../../extension/logic/notices/banner-notices.ts";
import { BRIDGE_NOTICES, CLOSED_PAGE } from "../../extension/logic/notices/bridge-notices.ts";
import { CONNECT_NOTICES } from "../../extension/logic/notices/connect-notices.ts";
import { LIVE_NOTICES } from "../../extension/logic/notices/live-notices.ts";
import { firstNotice, type NoticeRule } from "../../extension/logic/notices/notice.ts";
import * as panes from "../../extension/logic/notices/pane-notices.ts";
import { CHANGES_NOTICES, CONTENTS_OF_ROW } from "../../extension/logic/notices/row-notices.ts";
import { firefoxScenarios } from "../e2e/firefox/index.ts";
import { scenarios } from "../e2e/scenarios/index.ts";
import { allSetups } from "../setups/scenarios.ts";
import { NOTICE_PLAYS } from "./browser-notices.ts";
import { crossed } from "./crossed-responses.ts";
import { BANNER_PAIRS, BRIDGE_PAIRS, CLOSED_PAIRS } from "./notices/bridge.ts";
import { LIVE_PAIRS } from "./notices/live.ts";
import { COOKIE_PAIRS, TIMELINE_PAIRS } from "./notices/panes.ts";
import { CHANGES_PAIRS, CONTENTS_PAIRS } from "./notices/rows.ts";
import * as views from "./notices/views.ts";
import { NOTICES_ELSEWHERE } from "./notices-elsewhere.ts";
import type { FactPairs } from "./pair.ts";

const ALL_PAIRS = {
  ...{
    CLOSED_PAIRS,
    BRIDGE_PAIRS,
    LIVE_PAIRS,
    CONTENTS_PAIRS,
    CHANGES_PAIRS,
    COOKIE_PAIRS,
    TIMELINE_PAIRS,
    BANNER_PAIRS,
  },
  ...views,
};

/** A notice at its place, where earlier rules may apply first. */
function describePairs<Facts>(
  place: string,
  rules: readonly NoticeRule<Facts>[],
  pairs: FactPairs<Facts>,
): void {
  describe(place, () => {
    it("has a pair for each notice, and for no other", () => {
      expect(Object.keys(pairs).sort()).toEqual(rules.map(({ name }) => name).sort());
    });

    it.each(rules)("$name is shown in its case and not in the counter-case", (rule) => {
      const pair = pairs[rule.name];
      if (pair === undefined) throw new Error(`${rule.name} has no pair`);
      const told = firstNotice(rules, pair.case);
      expect(told).toEqual(rule.tell(pair.case));
      expect(told?.title).toMatch(/^\S/);
      expect(told?.sentence).toMatch(/^[\s\S]*[.:”)]$/);
      // Not by its words: the same notice with another name in it would be equally false.
      const speaks = rules.find((each) => each.tell(pair.counter) !== null);
      expect(speaks?.name).not.toBe(rule.name);
      expect(pair.because.length).toBeGreaterThan(15);
    });
  });
}

describePairs("the whole panel", [CLOSED_PAGE], CLOSED_PAIRS);
describePairs("the session pane without a bridge", BRIDGE_NOTICES, BRIDGE_PAIRS);
describePairs("the session pane of the current session", LIVE_NOTICES, LIVE_PAIRS);
describePairs("the contents of a row", CONTENTS_OF_ROW, CONTENTS_PAIRS);
describePairs("the changes of a row", CHANGES_NOTICES, CHANGES_PAIRS);
describePairs("the cookie list", panes.COOKIE_NOTICES, COOKIE_PAIRS);
describePairs("the timeline", panes.TIMELINE_NOTICES, TIMELINE_PAIRS);
describePairs("the Cookie tab", [panes.NO_COOKIE_CHOSEN], views.COOKIE_TAB_PAIRS);
describePairs("the Contents tab", [panes.NOT_AN_OBJECT], views.CONTENTS_TAB_PAIRS);
describePairs("the Raw tab", [panes.NO_RAW_TEXT], views.RAW_TAB_PAIRS);
describePairs("the banners", BANNERS, BANNER_PAIRS);
describePairs("two apps of one host", [SHARED_COOKIE], views.SHARED_PAIRS);

describe("in a browser", () => {
  const names = Object.values(ALL_PAIRS).flatMap((pairs) => Object.keys(pairs));
  const inSetups = Object.values(allSetups).flatMap(({ small, large }) =>
    [...small, ...large].map(({ name }) => name),
  );

  it("each notice is played, or has a reason why not", () => {
    const played = NOTICE_PLAYS.flatMap(({ notices }) => notices);
    expect([...played, ...Object.keys(NOTICES_ELSEWHERE)].sort()).toEqual(names.sort());
  });

  it("every play elsewhere is an existing scenario", () => {
    const elsewhere = Object.values({ ...scenarios, ...firefoxScenarios }).flat();
    const known = [...[...elsewhere, ...crossed].map(({ name }) => name), ...inSetups];
    const named = Object.values(NOTICES_ELSEWHERE).flatMap((each) =>
      "scenario" in each ? [each.scenario] : [],
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(CONNECT_NOTICES)("$name is played in its set-up", ({ name }) => {
    expect(inSetups).toContain(Object(NOTICES_ELSEWHERE[name]).scenario);
  });
});
