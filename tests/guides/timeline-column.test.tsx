// @vitest-environment happy-dom
/** "A column of the timeline", as docs/develop.md describes it: an entry in the list of columns. */
import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { type Column, LAST_COLUMNS } from "../../components/timeline/columns.tsx";
import { TimelineHeader } from "../../components/timeline/TimelineHeader.tsx";
import { TimelineRow } from "../../components/timeline/TimelineRow.tsx";
import type { Trace } from "../../server-bridge/src/protocol/trace.ts";
import { request, trace } from "../extension/logic/explain/material.ts";

/** The column that a newcomer adds to the list. A text that is too long for its width is cut with an ellipsis. */
const changed: Column = {
  name: "changed",
  head: "Changed",
  width: "100px",
  cell: (entry) => entry.trace?.changes.map(({ key }) => key).join(", ") ?? "",
};
const columns = [...LAST_COLUMNS, changed];

afterEach(cleanup);

function show(told: Trace | null): void {
  const made = { id: "1", at: 0, number: 1, request: request(), traceGone: false, reading: null };
  const looks = {
    index: 0,
    top: 0,
    selected: false,
    inRange: false,
    tabStop: true,
    pins: [],
    cells: undefined,
  };
  render(
    <>
      <TimelineHeader pins={[]} onUnpin={() => {}} columns={columns} />
      <TimelineRow entry={{ type: "request", ...made, trace: told }} {...looks} columns={columns} />
    </>,
  );
}

const last = (role: string) => screen.getAllByRole(role).at(-1);

it("has a header, and its text in the row of a request", () => {
  show(trace({ changes: [{ key: "cart", kind: "added" }] }));
  expect(last("columnheader")?.textContent).toBe("Changed");
  expect(last("gridcell")?.textContent).toBe("cart");
});

it("is empty if the server reported nothing", () => {
  show(null);
  expect(last("gridcell")?.textContent).toBe("");
});

it("is hidden in a narrow panel", () => {
  show(null);
  expect(last("columnheader")?.className).toContain("cell-last");
  expect(last("gridcell")?.className).toContain("cell-last");
});
