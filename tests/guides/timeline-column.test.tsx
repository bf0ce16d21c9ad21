// @vitest-environment happy-dom
/** "A column of the timeline", as docs/develop.md tells it: an entry in the list of columns. */
import { cleanup, render, screen } from "@testing-library/preact";
import { afterEach, expect, it } from "vitest";
import { type Column, LAST_COLUMNS } from "../../components/timeline/columns.tsx";
import { TimelineHeader } from "../../components/timeline/TimelineHeader.tsx";
import { TimelineRow } from "../../components/timeline/TimelineRow.tsx";
import { request } from "../extension/logic/explain/material.ts";

/** The column that a newcomer adds to the list. */
const type: Column = {
  name: "type",
  head: "Type",
  width: "70px",
  cell: (entry) => (entry.type === "request" ? entry.request.type : ""),
};
const columns = [...LAST_COLUMNS, type];

afterEach(cleanup);

it("has a head, and its text in the row of a request", () => {
  render(
    <>
      <TimelineHeader pins={[]} onUnpin={() => {}} columns={columns} />
      <TimelineRow
        entry={{
          type: "request",
          id: "1",
          at: 0,
          number: 1,
          request: request({ type: "fetch" }),
          trace: null,
          traceGone: false,
          reading: null,
        }}
        index={0}
        top={0}
        selected={false}
        inRange={false}
        tabStop={true}
        pins={[]}
        cells={undefined}
        columns={columns}
      />
    </>,
  );
  const last = (role: string) => screen.getAllByRole(role).at(-1);
  expect(last("columnheader")?.textContent).toBe("Type");
  expect(last("gridcell")?.textContent).toBe("fetch");
  expect(last("gridcell")?.className).toContain("cell-last"); // which a narrow panel does not show
});
