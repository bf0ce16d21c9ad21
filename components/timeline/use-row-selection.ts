/** Selecting rows of the timeline, with keys and pointer: one row, or with Shift a comparison of two. */
import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Entry } from "../../extension/logic/timeline/entry.ts";
import { focusRow, rowIdOf } from "../common/grid-rows.ts";
import { hasModifier, moveIndex, opensMenu, swallow } from "../common/list-keys.ts";

/** What selecting needs from the model, and what it calls. */
export interface RowSelectionOptions {
  view: {
    rows: ReadonlySignal<readonly Entry[]>;
    selected: ReadonlySignal<Entry | null>;
    /** The other end of a comparison. */
    anchor: ReadonlySignal<Entry | null>;
    select(id: string | null): void;
  };
  onExtend: (id: string) => void;
  onOpen: () => void;
  onMenu: (id: string, at: HTMLElement) => void;
}

/** The selection, and the handlers that move it. */
export function useRowSelection({ view, onExtend, onOpen, onMenu }: RowSelectionOptions) {
  const grid = useRef<HTMLDivElement>(null);
  const page = useRef(10);
  const wantsFocus = useRef(false);
  const rows = view.rows.value;
  const index = indexOf(rows, view.selected.value);
  const anchor = indexOf(rows, view.anchor.value);
  const stop = index === -1 ? rows.length - 1 : index;

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    focusRow(grid.current);
  });

  const choose = (id: string | null, extend: boolean): void => {
    wantsFocus.current = true;
    if (extend && id !== null) onExtend(id);
    else view.select(id);
  };
  const openMenu = (event: KeyboardEvent): void => {
    const id = rows[stop]?.id;
    if (!(event.target instanceof HTMLElement) || id === undefined) return;
    if (index === -1) view.select(id);
    onMenu(id, event.target);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The button at the end handles its keys itself.
    if (hasModifier(event) || event.target instanceof HTMLButtonElement) return;
    const to = moveIndex(event.key, index, rows.length, page.current);
    const next = to === null ? undefined : rows[to];
    if (next !== undefined) choose(next.id, event.shiftKey);
    else if (event.key === "Enter" && index !== -1) onOpen();
    else if (event.key === "Escape" && (anchor !== -1 || index !== -1))
      choose(anchor === -1 ? null : (view.selected.value?.id ?? null), false);
    else if (opensMenu(event)) openMenu(event);
    else return;
    swallow(event);
  };
  const onClick = (event: MouseEvent): void => {
    const id = rowIdOf(event);
    if (id !== null) choose(id, event.shiftKey);
  };
  const onContextMenu = (event: MouseEvent): void => {
    const id = rowIdOf(event);
    if (id === null || !(event.target instanceof HTMLElement)) return;
    event.preventDefault();
    view.select(id);
    onMenu(id, event.target);
  };
  /** True for the two ends of a comparison and the rows between them. */
  const isInRange = (at: number): boolean =>
    anchor !== -1 && at >= Math.min(anchor, index) && at <= Math.max(anchor, index);
  return { grid, page, index, stop, isInRange, handlers: { onKeyDown, onClick, onContextMenu } };
}

/** Index of the last row with the id of `entry`; -1 if there is none. */
function indexOf(rows: readonly Entry[], entry: Entry | null): number {
  return entry === null ? -1 : rows.findLastIndex((row) => row.id === entry.id);
}
