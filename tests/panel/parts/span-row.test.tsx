// @vitest-environment happy-dom
/** The row of a change that belongs to no request, and what "Why?" says there about a login that kept its key. */
import { render } from "@testing-library/preact";
import { expect, it } from "vitest";
import { TimelineRow } from "../../../components/timeline/TimelineRow.tsx";
import { explainRow, surroundingsOfHistory } from "../../../extension/logic/explain/explain-row.ts";
import type { SpanEntry } from "../../../extension/logic/timeline/entry.ts";

const AT = Date.UTC(2026, 10, 23, 12, 1, 3);
const span: SpanEntry = {
  type: "span",
  id: "span 1",
  from: AT,
  at: AT + 2000,
  origin: "http://localhost:8000",
  reading: {
    before: "{}",
    after: '{"user_id":7}',
    findings: [{ code: "login-without-new-key", keys: ["user_id"] }],
  },
  candidates: [],
  trace: null,
};

const textOf = (entry: SpanEntry) =>
  render(
    <TimelineRow
      entry={entry}
      index={0}
      top={0}
      selected={false}
      inRange={false}
      tabStop
      pins={[]}
      cells={undefined}
    />,
  ).container.textContent;

it("says between which times the session changed, and how", () => {
  expect(textOf(span)).toMatch(
    /^◇changed between \d\d:\d\d:03 and \d\d:\d\d:05\+user_id.*login kept its key.*reading/,
  );
});

it("names the responses that may have made the change", () => {
  const candidates = [
    { method: "POST", path: "/login" },
    { method: "GET", path: "/cart" },
  ];
  expect(textOf({ ...span, candidates })).toContain("perhaps by POST /login or GET /cart");
});

it("is explained: the login kept its key", () => {
  const [first] = explainRow(["sessionid"], span, surroundingsOfHistory([span], span.at));
  expect(first).toMatchObject({
    rule: "login-without-new-key",
    sentence: expect.stringContaining("“user_id”"),
  });
  const { findings: _, ...reading } = span.reading;
  const other = { ...span, reading };
  expect(explainRow(["sessionid"], other, surroundingsOfHistory([other], span.at))).toEqual([]);
});
