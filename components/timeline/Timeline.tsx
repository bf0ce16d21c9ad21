/** The requests of the tab and what each did to the session: a grid with one tab stop and windowed rows. */
import "./timeline.css";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Entry } from "../../extension/logic/timeline/entry.ts";
import type { PinnedCells } from "../../extension/logic/timeline/pins.ts";
import { hasModifier, moveIndex, swallow } from "../common/list-keys.ts";
import { VirtualRows } from "../common/VirtualRows.tsx";
import { TimelineRow } from "./TimelineRow.tsx";

export interface TimelineProps {
  rows: readonly Entry[];
  selectedId: string | null;
  /** The other end of a comparison. */
  anchorId: string | null;
  pins: readonly string[];
  pinned: PinnedCells;
  following: boolean;
  /** Rows that came since following stopped. */
  unseen: number;
  /** What stands there when there is no row. */
  empty: ComponentChildren;
  onSelect: (id: string | null) => void;
  onExtend: (id: string) => void;
  onFollow: (on: boolean) => void;
  onUnpin: (key: string) => void;
  onOpen: () => void;
  onMenu: (id: string, at: HTMLElement) => void;
}

const ROW = 20;
const HEADER = 21;

export function Timeline(props: TimelineProps) {
  const { rows, selectedId, anchorId, pins } = props;
  const grid = useRef<HTMLDivElement>(null);
  const page = useRef(10);
  const wantsFocus = useRef(false);
  const index = selectedId === null ? -1 : rows.findLastIndex((row) => row.id === selectedId);
  const anchor = anchorId === null ? -1 : rows.findLastIndex((row) => row.id === anchorId);
  const stop = index === -1 ? rows.length - 1 : index;

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusRow(grid.current);
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    // The button at the end has keys of its own.
    if (hasModifier(event) || event.target instanceof HTMLButtonElement) return;
    const to = moveIndex(event.key, index, rows.length, page.current);
    const next = to === null ? undefined : rows[to];
    if (next !== undefined) {
      wantsFocus.current = true;
      if (event.shiftKey) props.onExtend(next.id);
      else props.onSelect(next.id);
    } else if (event.key === "Enter" && index !== -1) props.onOpen();
    else if (event.key === "Escape" && (anchor !== -1 || index !== -1)) {
      wantsFocus.current = true;
      props.onSelect(anchor === -1 ? null : selectedId);
    } else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) openMenu(event);
    else return;
    swallow(event);
  };
  const openMenu = (event: KeyboardEvent): void => {
    const id = rows[stop]?.id;
    if (!(event.target instanceof HTMLElement) || id === undefined) return;
    if (index === -1) props.onSelect(id);
    props.onMenu(id, event.target);
  };
  const onClick = (event: MouseEvent): void => {
    const id = rowId(event);
    if (id === null) return;
    if (event.shiftKey) props.onExtend(id);
    else props.onSelect(id);
    wantsFocus.current = true;
  };

  if (rows.length === 0) return <div class="timeline-empty">{props.empty}</div>;
  return (
    <div
      class="grid"
      role="grid"
      aria-label="Requests"
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      style={{
        "--pins": pins.map(() => "minmax(64px, 0.5fr)").join(" "),
        // As wide as the last number, for the rows' widths do not know of each other.
        "--number": `calc(${lastNumber(rows).length}ch + 10px)`,
      }}
      ref={grid}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onContextMenu={(event) => {
        const id = rowId(event);
        if (id === null || !(event.target instanceof HTMLElement)) return;
        event.preventDefault();
        props.onSelect(id);
        props.onMenu(id, event.target);
      }}
    >
      <VirtualRows
        rows={rows}
        rowHeight={ROW}
        headerHeight={HEADER}
        keyOf={(entry) => entry.id}
        active={stop}
        reveal={index}
        follow={props.following}
        onScroll={props.onFollow}
        onPage={(count) => {
          page.current = count;
        }}
        header={<Header pins={pins} onUnpin={props.onUnpin} />}
        render={(entry, at, top) => (
          <TimelineRow
            key={entry.id}
            entry={entry}
            index={at}
            top={top}
            selected={at === index}
            inRange={anchor !== -1 && at >= Math.min(anchor, index) && at <= Math.max(anchor, index)}
            tabStop={at === stop}
            pins={pins}
            cells={props.pinned.of(entry)}
          />
        )}
      />
      {props.unseen > 0 && (
        <button type="button" class="unseen" onClick={() => props.onFollow(true)}>
          ↓ {props.unseen} new
        </button>
      )}
    </div>
  );
}

function lastNumber(rows: readonly Entry[]): string {
  const last = rows.findLast((entry) => entry.type === "request");
  return last?.type === "request" ? String(last.number) : "";
}

function Header({ pins, onUnpin }: { pins: readonly string[]; onUnpin: (key: string) => void }) {
  return (
    <div class="row row-header" role="row" aria-rowindex={1}>
      <span role="columnheader" class="number cell-number">
        #
      </span>
      <span role="columnheader" class="cell-method">
        Method
      </span>
      <span role="columnheader" class="cell-path">
        Path
      </span>
      <span role="columnheader" class="cell-status">
        Status
      </span>
      <span role="columnheader" class="cell-changes">
        Session changes
      </span>
      {pins.map((key) => (
        <span
          key={key}
          role="columnheader"
          class="cell-pin"
          title={`${key}, pinned. Double-click to unpin`}
          onDblClick={() => onUnpin(key)}
        >
          {key}
        </span>
      ))}
      <span role="columnheader" class="number cell-took">
        Took
      </span>
    </div>
  );
}

function rowId(event: Event): string | null {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-id]") : null;
  return row?.dataset["id"] ?? null;
}

/** The row with the tab stop takes the focus. */
function focusRow(grid: HTMLElement | null): void {
  grid?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true });
}
