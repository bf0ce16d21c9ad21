/** One row of the timeline: a request, a change from elsewhere, an edit by the panel, or a note on a gap. */

import type { ComponentChildren } from "preact";
import { cutText } from "../../extension/logic/json/tree-rows.ts";
import { showUnruly, showUnseen } from "../../extension/logic/show-unseen.ts";
import { formatTime } from "../../extension/logic/time-text.ts";
import { type CookiesOfRow, chipsOf } from "../../extension/logic/timeline/chips.ts";
import { type Entry, isChange, pathOf, type TraceEntry } from "../../extension/logic/timeline/entry.ts";
import { noteText } from "../../extension/logic/timeline/note-text.ts";
import type { Pinned } from "../../extension/logic/timeline/pins.ts";
import { MiddleText } from "../common/MiddleText.tsx";
import { memo } from "../common/memo.ts";
import { Chips } from "./Chips.tsx";
import { type Column, classOfColumn, LAST_COLUMNS } from "./columns.tsx";

interface TimelineRowProps {
  entry: Entry;
  /** From 0, for `aria-rowindex` and the stripes. */
  index: number;
  top: number;
  selected: boolean;
  /** Between the two ends of a comparison, or one of them. */
  inRange: boolean;
  tabStop: boolean;
  pins: readonly string[];
  cells: readonly Pinned[] | undefined;
  /** The page's own origin: a row about another server's session names that server. Absent: none is named. */
  page?: string | null;
  /** What the other rows show about the cookies that the row's response set. Absent: nothing. */
  cookies?: CookiesOfRow | undefined;
  /** Those behind the pinned keys. */
  columns?: readonly Column[];
}

const MAX_PATH = 300;

/** The row; drawn again only for other props. */
export const TimelineRow = memo((props: TimelineRowProps) => {
  const { entry, index, top, page = null, cookies, columns = LAST_COLUMNS } = props;
  const parts = partsOf(entry, page, cookies);
  return (
    <div
      class={classOf(props)}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.selected || props.inRange}
      tabIndex={props.tabStop ? 0 : -1}
      data-id={entry.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      {parts}
      {entry.type !== "note" &&
        props.pins.map((key, at) => <PinCell key={key} name={key} cell={props.cells?.[at]} />)}
      {entry.type !== "note" &&
        columns.map((column) => (
          <span key={column.name} role="gridcell" class={classOfColumn(column)}>
            {column.cell(entry)}
          </span>
        ))}
    </div>
  );
});

function classOf({ entry, index, inRange }: TimelineRowProps): string {
  const classes = ["row", `row-${entry.type}`];
  if (index % 2 === 1) classes.push("row-odd");
  if (inRange) classes.push("row-range");
  if (entry.type === "request" && !isChange(entry)) classes.push("row-dim");
  if (entry.type === "request" && isFailed(entry)) classes.push("row-bad");
  return classes.join(" ");
}

function partsOf(entry: Entry, page: string | null, cookies: CookiesOfRow | undefined): ComponentChildren {
  if (entry.type === "request") return <RequestCells entry={entry} page={page} cookies={cookies} />;
  if (entry.type === "note") {
    const text = noteText(entry.note);
    return (
      <span
        role="gridcell"
        class={`note note-${entry.note.kind}`}
        title={showUnseen(text.title)}
        aria-colspan={99}
      >
        <span class="note-time">{formatTime(entry.at)}</span> <bdi>{cutText(text.text, MAX_PATH)}</bdi>
      </span>
    );
  }
  if (entry.type === "span") return <SpanCells entry={entry} page={page} />;
  return <TraceCells entry={entry} page={page} />;
}

interface CellsProps<Kind extends Entry["type"]> {
  entry: Extract<Entry, { type: Kind }>;
  page: string | null;
}

function RequestCells({
  entry,
  page,
  cookies,
}: CellsProps<"request"> & { cookies: CookiesOfRow | undefined }) {
  const { request, number } = entry;
  const path = pathOf(request.url);
  return (
    <>
      <span role="gridcell" class="number cell-number" title={formatTime(entry.at)}>
        {number}
      </span>
      <span role="gridcell" class="cell-method" title={showUnseen(cutText(request.method, 200))}>
        {cutText(request.method, 20)}
      </span>
      <span
        role="gridcell"
        class="cell-path"
        // A path in two pieces would be read in two.
        aria-label={showUnseen(cutText(path, MAX_PATH))}
        title={showUnseen(cutText(request.url, 2000))}
      >
        <MiddleText text={cutText(path, MAX_PATH)} most={10} />
      </span>
      <span role="gridcell" class="cell-status" title={showUnruly(request.error ?? "") || undefined}>
        {statusText(entry)}
      </span>
      <span role="gridcell" class="cell-changes">
        <Chips chips={chipsOf(entry, page, cookies)} />
      </span>
    </>
  );
}

function TraceCells({ entry, page }: CellsProps<"outside" | "edit">) {
  const { request } = entry.trace;
  const edit = entry.type === "edit";
  const what = edit ? `changed in ${entry.own ? "this" : "a"} panel` : whereOf(entry);
  return (
    <>
      <span role="gridcell" class="cell-number cell-mark" title={formatTime(entry.at)}>
        {edit ? "✎" : "◇"}
      </span>
      <span
        role="gridcell"
        class="cell-outside"
        aria-colspan={3}
        title={showUnseen(`${what}: ${request.method} ${entry.origin ?? ""}${cutText(request.path, 2000)}`)}
      >
        {what}
        {!edit && (
          <span class="dim">
            {" "}
            {cutText(request.method, 20)} <bdi>{cutText(request.path, MAX_PATH)}</bdi>
          </span>
        )}
      </span>
      <span role="gridcell" class="cell-changes">
        <Chips chips={chipsOf(entry, page)} />
      </span>
    </>
  );
}

function whereOf({ early, unanswered, unrecorded }: TraceEntry): string {
  // A request without a row may have come before all that have one.
  if (early && !unrecorded) return "changed before DevTools opened";
  const lacks = [unrecorded && "a row", unanswered && "an answer"].filter(Boolean);
  if (lacks.length === 0) return "changed outside this tab";
  return `changed by a request of this tab without ${lacks.join(" or ")}, or outside it`;
}

/** A change that is only known to have happened between two readings. */
function SpanCells({ entry, page }: CellsProps<"span">) {
  const candidates = entry.candidates.map(({ method, path }) => `${method} ${path}`);
  const when = `changed between ${formatTime(entry.from)} and ${formatTime(entry.at)}`;
  const by = cutText(candidates.join(" or "), MAX_PATH);
  return (
    <>
      <span role="gridcell" class="cell-number cell-mark" title={formatTime(entry.at)}>
        ◇
      </span>
      <span
        role="gridcell"
        class="cell-outside"
        aria-colspan={3}
        title={`${when}${by && `, perhaps by ${showUnseen(by)}`}. The panel read the session of ${entry.origin} at both times`}
      >
        {when}
        {by !== "" && (
          <span class="dim">
            {", perhaps by "}
            <bdi>{by}</bdi>
          </span>
        )}
      </span>
      <span role="gridcell" class="cell-changes">
        <Chips chips={chipsOf(entry, page)} />
      </span>
    </>
  );
}

function PinCell({ name, cell }: { name: string; cell: Pinned | undefined }) {
  const from = cell?.carriedFrom ?? null;
  const value = showUnruly(cell?.text ?? "–");
  const title =
    from === null ? value : `${value}: ${showUnseen(name)}, as last reported by ${showUnseen(from.label)}`;
  return (
    <span
      role="gridcell"
      class={from === null ? "cell-pin mono" : "cell-pin mono carried"}
      title={cell && title}
    >
      <bdi>{cell?.text ?? (cell === undefined ? "" : "–")}</bdi>
    </span>
  );
}

function statusText({ request }: Extract<Entry, { type: "request" }>): string {
  if (request.status !== null && request.status !== 0) return String(request.status);
  return request.error === null ? "…" : "failed";
}

function isFailed({ request }: Extract<Entry, { type: "request" }>): boolean {
  return request.error !== null || (request.status ?? 0) >= 400;
}
