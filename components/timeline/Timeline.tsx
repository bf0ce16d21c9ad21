/** The requests of the tab and what each did to the session: a grid with one tab stop and windowed rows. */
import "./timeline.css";
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { CookiesOfRow } from "../../extension/logic/timeline/chips.ts";
import type { Entry } from "../../extension/logic/timeline/entry.ts";
import type { PinnedCells } from "../../extension/logic/timeline/pins.ts";
import { VirtualRows } from "../common/VirtualRows.tsx";
import { LAST_COLUMNS } from "./columns.tsx";
import { TimelineHeader } from "./TimelineHeader.tsx";
import { TimelineRow } from "./TimelineRow.tsx";
import { usePinWidths } from "./use-pin-widths.ts";
import { type RowSelectionOptions, useRowSelection } from "./use-row-selection.ts";

interface TimelineProps extends RowSelectionOptions {
  /** From the model: the rows and how they are shown. */
  view: RowSelectionOptions["view"] & {
    /** The pinned keys that have a column. */
    pinColumns: ReadonlySignal<readonly string[]>;
    pinned: ReadonlySignal<PinnedCells>;
    following: ReadonlySignal<boolean>;
    /** Rows that have arrived since following stopped. */
    unseen: ReadonlySignal<number>;
    follow(on: boolean): void;
    /** Every row is in view. */
    see(): void;
  };
  /** What is shown when there is no row. */
  empty: ComponentChildren;
  /** The page's own origin; absent or null if rows need no server name. */
  page?: string | null;
  /** What the rows together show about the cookies that one of them set, by its id. Absent: nothing. */
  cookies?: ReadonlyMap<string, CookiesOfRow>;
  onUnpin: (key: string) => void;
}

const ROW = 20;
const HEADER = 21;

/** The grid, or what is shown in its place. */
export function Timeline(props: TimelineProps) {
  const { view, empty, page: own = null, cookies, onUnpin } = props;
  const { grid, page, index, stop, isInRange, handlers } = useRowSelection(props);
  const rows = view.rows.value;
  const pins = view.pinColumns.value;
  const pinned = view.pinned.value;
  const widths = usePinWidths(pins);
  const unseen = view.unseen.value;
  if (rows.length === 0) return <div class="timeline-empty">{empty}</div>;
  return (
    <div
      class="grid"
      role="grid"
      aria-label="Requests"
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      style={{
        "--pins": widths.tracks,
        "--last": LAST_COLUMNS.map(({ width }) => width).join(" "),
        // As wide as the highest number, because each row is laid out without the others.
        "--number": `calc(${String(highestNumber(rows)).length}ch + 10px)`,
      }}
      ref={grid}
      {...handlers}
    >
      <VirtualRows
        rows={rows}
        rowHeight={ROW}
        headerHeight={HEADER}
        keyOf={(entry) => entry.id}
        active={stop}
        reveal={index}
        follow={view.following.value}
        onScroll={view.follow}
        onAllInView={view.see}
        onPage={(count) => {
          page.current = count;
        }}
        header={<TimelineHeader pins={pins} onUnpin={onUnpin} />}
        render={(entry, at, top) => {
          const cells = pinned.of(entry);
          widths.fit(cells);
          return (
            <TimelineRow
              key={entry.id}
              entry={entry}
              index={at}
              top={top}
              selected={at === index}
              inRange={isInRange(at)}
              tabStop={at === stop}
              pins={pins}
              cells={cells}
              page={own}
              cookies={cookies?.get(entry.id)}
            />
          );
        }}
      />
      {unseen > 0 && (
        <button type="button" class="unseen" onClick={() => view.follow(true)}>
          ↓ {unseen} new
        </button>
      )}
    </div>
  );
}

/** Not always the last row's: one that was reported late is further up. */
function highestNumber(rows: readonly Entry[]): number {
  return rows.reduce(
    (highest, row) => (row.type === "request" ? Math.max(highest, row.number ?? 0) : highest),
    0,
  );
}
