// @vitest-environment happy-dom
/** The rows of requests that did not end normally. */
import { render, screen } from "@testing-library/preact";
import { expect, it } from "vitest";
import { TimelineRow } from "../../../components/timeline/TimelineRow.tsx";
import type { Entry } from "../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { createMemoryServer } from "../memory-ports/server.ts";
import { fillRequest } from "../memory-ports/world.ts";

function show(entry: Entry): HTMLElement {
  render(
    <TimelineRow
      entry={entry}
      index={0}
      top={0}
      selected={false}
      inRange={false}
      tabStop={false}
      pins={[]}
      cells={undefined}
    />,
  );
  return screen.getAllByRole("row").at(-1) ?? document.body;
}

function showRequest(request: Partial<NetworkRequest>): HTMLElement {
  const row = { number: 1, trace: null, traceGone: false, reading: null } as const;
  return show({
    type: "request",
    id: "r",
    at: 0,
    request: fillRequest({ id: "r", at: 0, ...request }),
    ...row,
  });
}

it.each([
  ["under way", { status: null }, "…"],
  ["without an answer", { status: null, error: "net::ERR_ABORTED" }, "failed"],
  ["whose body was cut off", { status: 200, error: "net::ERR_ABORTED" }, "200"],
  ["that was answered", { status: 204 }, "204"],
])("a request %s", (_, request, text) => {
  const row = showRequest({ durationMs: null, ...request });
  const cells = [...row.querySelectorAll(".cell-status")];
  expect(cells.map(({ textContent }) => textContent)).toEqual([text]);
  expect(row.classList.contains("row-bad")).toBe("error" in request);
});

it.each([
  ["outside this tab", {}, "changed outside this tab"],
  ["before DevTools opened", { early: true }, "changed before DevTools opened"],
  [
    "of which it is not known whose it is",
    { unanswered: true as const },
    "changed by a request of this tab without an answer, or outside it",
  ],
  [
    "that a request can have made which is in no row",
    { early: true, unrecorded: true as const },
    "changed by a request of this tab without a row, or outside it",
  ],
  [
    "of two requests, one in no row and one without an answer",
    { unrecorded: true as const, unanswered: true as const },
    "changed by a request of this tab without a row or an answer, or outside it",
  ],
])("a change %s", (_, more, text) => {
  const trace = createMemoryServer(() => 0).trace({ newKey: true });
  expect(show({ type: "outside", id: "t", at: 0, trace, early: false, ...more }).textContent).toContain(text);
});

it.each([
  ["of this panel", { own: true as const }, "changed in this panel"],
  ["of which it is not known that it is this panel's", {}, "changed in a panel"],
])("an edit %s", (_, more, text) => {
  const trace = createMemoryServer(() => 0).trace({ origin: "panel", newKey: true });
  expect(show({ type: "edit", id: "e", at: 0, trace, early: false, ...more }).textContent).toContain(text);
});
