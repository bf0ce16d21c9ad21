/** Which row of the tree has the tab stop, and when it takes the focus: after a key, after an edit, after a deletion. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { TreeRow } from "../../extension/logic/json/tree-rows.ts";
import { focusRow } from "../common/grid-rows.ts";
import { useFocusKept } from "../common/use-focus.ts";

interface TreeFocusOptions {
  tree: RefObject<HTMLElement | null>;
  rows: readonly TreeRow[];
  activeId: string | null;
  /** True while the value of a row is edited in its line. */
  editing: boolean;
}

/** Keeps the focus of the tree through every change of its rows. */
export function useTreeFocus({ tree, rows, activeId, editing }: TreeFocusOptions) {
  const wantsFocus = useRef(false);
  const index = rows.findIndex((row) => row.id === activeId);
  // If the active row is gone, the one in its place has the tab stop.
  const last = useRef(0);
  const stop = index === -1 ? Math.max(0, Math.min(last.current, rows.length - 1)) : index;
  last.current = stop;

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    // A value being edited keeps the focus: losing it would end the edit.
    if (!editing) focusRow(tree.current);
  });

  const wasEditing = useRef(false);
  useLayoutEffect(() => {
    // The row takes the focus back when its field goes; a click elsewhere has moved it already.
    if (wasEditing.current && !editing && document.activeElement === document.body) focusRow(tree.current);
    wasEditing.current = editing;
  }, [editing]);

  // The row with the focus may have been deleted: the one in its place takes it.
  const onFocus = useFocusKept(rows[stop]?.id, () => focusRow(tree.current));

  return {
    /** Index of the active row, or -1. */
    index,
    /** Index of the row with the tab stop. */
    stop,
    onFocus,
    /** Focuses the row with the tab stop once the tree has been rendered again. */
    wantFocus(): void {
      wantsFocus.current = true;
    },
  };
}
