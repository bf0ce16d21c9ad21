/** What the session holds as a tree of keys: a treegrid with one tab stop and windowed rows. */
import "./tree.css";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { rowLabel, type TreeRow } from "../../extension/logic/json/tree-rows.ts";
import type { Writer } from "../../extension/logic/timeline/last-writers.ts";
import { hasModifier, moveIndex, swallow } from "../common/list-keys.ts";
import { VirtualRows } from "../common/VirtualRows.tsx";
import { TreeCells } from "./TreeCells.tsx";

export interface TreeProps {
  rows: readonly TreeRow[];
  activeId: string | null;
  pins: readonly string[];
  /** Who wrote each top-level key last. */
  writers: ReadonlyMap<string, Writer>;
  /** Null: the values cannot be edited, with the reason in `readOnly`. */
  editing: { id: string; field: ComponentChildren } | null;
  readOnly: string | null;
  /** Beneath the last row: adding a key. */
  footer: ComponentChildren;
  onActivate: (id: string) => void;
  onToggle: (id: string, open?: boolean) => void;
  onEdit: (row: TreeRow) => void;
  onDelete: (row: TreeRow) => void;
  onCopy: (row: TreeRow) => void;
  onMenu: (row: TreeRow, at: HTMLElement) => void;
}

const ROW = 20;

export function Tree(props: TreeProps) {
  const { rows, activeId, editing } = props;
  const tree = useRef<HTMLDivElement>(null);
  const page = useRef(10);
  const wantsFocus = useRef(false);
  const index = rows.findIndex((row) => row.id === activeId);
  // Where the active row went, the one in its place has the tab stop.
  const last = useRef(0);
  const stop = index === -1 ? Math.max(0, Math.min(last.current, rows.length - 1)) : index;
  last.current = stop;

  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    // A value under edit keeps the focus: losing it would end the edit.
    if (editing === null) focusRow(tree.current);
  });

  const wasEditing = useRef(false);
  useLayoutEffect(() => {
    // The row takes the focus back when its field goes; a click elsewhere has moved it already.
    if (wasEditing.current && editing === null && document.activeElement === document.body)
      focusRow(tree.current);
    wasEditing.current = editing !== null;
  }, [editing]);

  const hadFocus = useRef(false);
  useLayoutEffect(() => {
    // The row with the focus may have been deleted: the one in its place takes it.
    if (hadFocus.current && document.activeElement === document.body) focusRow(tree.current);
  }, [rows[stop]?.id]);
  const onFocus = (event: FocusEvent): void => {
    hadFocus.current = event.type === "focusin" || event.relatedTarget === null;
  };

  const activate = (row: TreeRow | undefined): void => {
    if (row === undefined) return;
    wantsFocus.current = true;
    props.onActivate(row.id);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    const row = rows[stop];
    if (row === undefined) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "c" && String(getSelection()) === "")
      props.onCopy(row);
    if (hasModifier(event)) return;
    if (!act(event, row)) return;
    swallow(event);
  };
  const act = (event: KeyboardEvent, row: TreeRow): boolean => {
    const to = moveIndex(event.key, stop, rows.length, page.current);
    if (to !== null) activate(rows[to]);
    else if (event.key === "ArrowRight" && row.expanded === false) props.onToggle(row.id, true);
    else if (event.key === "ArrowRight" && row.expanded) activate(rows[stop + 1]);
    else if (event.key === "ArrowLeft" && row.expanded) props.onToggle(row.id, false);
    else if (event.key === "ArrowLeft")
      activate(rows.findLast((each, at) => at < stop && each.level < row.level));
    else if (event.key === "Enter" || event.key === "F2") props.onEdit(row);
    else if (event.key === "Delete") props.onDelete(row);
    else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) {
      if (event.target instanceof HTMLElement) props.onMenu(row, event.target);
    } else return false;
    return true;
  };
  const rowOf = (event: Event): TreeRow | undefined => {
    const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-id]") : null;
    return rows.find((row) => row.id === element?.dataset["id"]);
  };

  return (
    <div class="tree" ref={tree}>
      <VirtualRows
        rows={rows}
        rowHeight={ROW}
        keyOf={(row) => row.id}
        active={stop}
        reveal={index}
        onPage={(count) => {
          page.current = count;
        }}
        body={{
          role: "treegrid",
          "aria-label": "Session contents",
          "aria-readonly": props.readOnly !== null || undefined,
          "aria-rowcount": rows.length,
          onKeyDown,
          onFocusIn: onFocus,
          onFocusOut: onFocus,
          onClick: (event) => {
            const row = rowOf(event);
            if (row === undefined || event.target instanceof HTMLInputElement) return;
            if (event.target instanceof Element && event.target.closest(".twist")) props.onToggle(row.id);
            activate(row);
          },
          onDblClick: (event) => {
            const row = rowOf(event);
            if (row !== undefined && !(event.target instanceof HTMLInputElement)) props.onEdit(row);
          },
          onContextMenu: (event) => {
            const row = rowOf(event);
            if (row === undefined || !(event.target instanceof HTMLElement)) return;
            event.preventDefault();
            activate(row);
            props.onMenu(row, event.target);
          },
        }}
        footer={props.footer}
        render={(row, at, top) => (
          <div
            key={row.id}
            class={row.mark === null ? "leaf" : `leaf leaf-${row.mark}`}
            role="row"
            aria-level={row.level}
            aria-expanded={row.expanded ?? undefined}
            aria-posinset={row.position}
            aria-setsize={row.setSize}
            aria-rowindex={at + 1}
            aria-selected={row.id === activeId}
            aria-label={editing?.id === row.id ? rowLabel(row) : undefined}
            tabIndex={at === stop ? 0 : -1}
            data-id={row.id}
            style={{ transform: `translateY(${top}px)` }}
          >
            <TreeCells
              row={row}
              pinned={props.pins.includes(row.name) && row.level === 1}
              writer={row.level === 1 ? props.writers.get(row.name) : undefined}
              field={editing?.id === row.id ? editing.field : null}
            />
          </div>
        )}
      />
    </div>
  );
}

function focusRow(tree: HTMLElement | null): void {
  tree?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true });
}
