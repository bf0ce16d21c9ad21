/** What the session holds as a tree of keys: a treegrid with one tab stop and windowed rows. */
import "./tree.css";
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren, HTMLAttributes } from "preact";
import { useRef } from "preact/hooks";
import { rowLabel, type TreeRow } from "../../extension/logic/json/tree-rows.ts";
import type { Writer } from "../../extension/logic/timeline/last-writers.ts";
import { pinOf } from "../../extension/logic/timeline/pin-path.ts";
import { rowIdOf } from "../common/grid-rows.ts";
import { VirtualRows } from "../common/VirtualRows.tsx";
import { pressTreeKey, type RowActions } from "./press-tree-key.ts";
import { type PinState, TreeCells } from "./TreeCells.tsx";
import { useTreeFocus } from "./use-tree-focus.ts";

interface TreeProps {
  /** From the model: the rows, which of them is active, and which branches are open. */
  tree: {
    rows: ReadonlySignal<readonly TreeRow[]>;
    activeId: ReadonlySignal<string | null>;
    /** Who wrote each top-level key last. */
    writers: ReadonlySignal<ReadonlyMap<string, Writer>>;
    activate(id: string): void;
    toggle(id: string, open?: boolean): void;
  };
  /** The pinned keys and paths. */
  pins: readonly string[];
  /** Null: no value is edited in its line. */
  editing: { id: string; field: ComponentChildren } | null;
  /** Why values cannot be edited, or null. */
  readOnly: string | null;
  /** Below the last row: adding a key. */
  footer: ComponentChildren;
  onEdit: (row: TreeRow) => void;
  onDelete: (row: TreeRow) => void;
  onCopy: (row: TreeRow) => void;
  /** Pins the row's value as a column, or unpins it. */
  onPin: (row: TreeRow) => void;
  onMenu: (row: TreeRow, at: HTMLElement) => void;
}

const ROW = 20;

/** The tree, and below it what adds a key. */
export function Tree(props: TreeProps) {
  const { editing } = props;
  const rows = props.tree.rows.value;
  const activeId = props.tree.activeId.value;
  const writers = props.tree.writers.value;
  const tree = useRef<HTMLDivElement>(null);
  const page = useRef(10);
  const focus = useTreeFocus({ tree, rows, activeId, editing: editing !== null });
  const { index, stop } = focus;
  const actions: RowActions = {
    activate(row) {
      if (row === undefined) return;
      focus.wantFocus();
      props.tree.activate(row.id);
    },
    toggle: props.tree.toggle,
    edit: props.onEdit,
    remove: props.onDelete,
    copy: props.onCopy,
    pin: props.onPin,
    openMenu: props.onMenu,
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
          onKeyDown: (event) => pressTreeKey(event, { rows, stop, page: page.current }, actions),
          onFocusIn: focus.onFocus,
          onFocusOut: focus.onFocus,
          ...pointerActions(rows, actions),
        }}
        footer={props.footer}
        render={(row, at, top) => (
          <Row
            key={row.id}
            {...{ row, at, top }}
            active={row.id === activeId}
            tabStop={at === stop}
            pin={pinStateOf(row, props.pins)}
            writer={row.level === 1 ? writers.get(row.name) : undefined}
            editing={editing?.id === row.id ? editing : null}
          />
        )}
      />
    </div>
  );
}

/** What the pointer does. A field inside the tree keeps its own clicks. */
function pointerActions(rows: readonly TreeRow[], actions: RowActions): HTMLAttributes<HTMLDivElement> {
  const rowOf = (event: Event): TreeRow | undefined => {
    const id = rowIdOf(event);
    return rows.find((row) => row.id === id);
  };
  return {
    onClick(event) {
      const row = rowOf(event);
      if (row === undefined || event.target instanceof HTMLInputElement) return;
      if (isWithin(event, ".twist")) actions.toggle(row.id);
      if (isWithin(event, ".leaf-pin")) actions.pin(row);
      actions.activate(row);
    },
    onDblClick(event) {
      const row = rowOf(event);
      if (row === undefined || event.target instanceof HTMLInputElement) return;
      if (!isWithin(event, ".leaf-pin")) actions.edit(row);
    },
    onContextMenu(event) {
      const row = rowOf(event);
      if (row === undefined || !(event.target instanceof HTMLElement)) return;
      event.preventDefault();
      actions.activate(row);
      actions.openMenu(row, event.target);
    },
  };
}

function isWithin({ target }: Event, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

function pinStateOf(row: TreeRow, pins: readonly string[]): PinState | null {
  const name = pinOf(row.path);
  return name === null ? null : { name, pinned: pins.includes(name) };
}

interface RowProps {
  row: TreeRow;
  /** Index among all rows, and the offset in pixels. */
  at: number;
  top: number;
  active: boolean;
  tabStop: boolean;
  pin: PinState | null;
  writer: Writer | undefined;
  editing: TreeProps["editing"];
}

function Row({ row, at, top, active, tabStop, pin, writer, editing }: RowProps) {
  return (
    <div
      class={row.mark === null ? "leaf" : `leaf leaf-${row.mark}`}
      role="row"
      aria-level={row.level}
      aria-expanded={row.expanded ?? undefined}
      aria-posinset={row.position}
      aria-setsize={row.setSize}
      aria-rowindex={at + 1}
      aria-selected={active}
      aria-label={editing === null ? undefined : rowLabel(row)}
      tabIndex={tabStop ? 0 : -1}
      data-id={row.id}
      style={{ transform: `translateY(${top}px)` }}
    >
      <TreeCells row={row} pin={pin} writer={writer} field={editing?.field ?? null} />
    </div>
  );
}
