/** Key, value and pin of one row of the tree. Values are text and nothing else, whatever they hold. */

import type { ComponentChildren } from "preact";
import { meaningOf } from "../../extension/logic/json/django-keys.ts";
import { NO_FORM } from "../../extension/logic/json/stand-in.ts";
import { cutText, MAX_SHOWN, type TreeRow } from "../../extension/logic/json/tree-rows.ts";
import { showUnruly, showUnseen } from "../../extension/logic/show-unseen.ts";
import type { Writer } from "../../extension/logic/timeline/last-writers.ts";
import { Icon } from "../common/IconButton.tsx";

/** How a row's value is pinned as a column of the timeline. */
export interface PinState {
  /** The key or path of the column. */
  name: string;
  pinned: boolean;
}

interface TreeCellsProps {
  row: TreeRow;
  /** Null when the value cannot be pinned. */
  pin: PinState | null;
  /** Who wrote it last, where known. */
  writer: Writer | undefined;
  /** Replaces the value while it is edited. */
  field: ComponentChildren;
}

const MARKS = { added: "+", changed: "~", removed: "−" } as const;
const MAX_NAME = 120;
/** A value of at most so many characters is always shown whole: the key gives way. */
const MAX_WHOLE = 12;

export function TreeCells({ row, pin, writer, field }: TreeCellsProps) {
  const whole = field === null && isWhole(row);
  return (
    <>
      <span role="gridcell" class="leaf-key" style={{ paddingLeft: `${(row.level - 1) * 14}px` }}>
        <span class={row.expanded === null ? "twist twist-none" : "twist"} aria-hidden="true" />
        <span class="leaf-mark">{row.mark === null ? "" : MARKS[row.mark]}</span>
        <bdi class="leaf-name" title={showUnseen(cutText(row.name, 2000))}>
          {nameOf(row.name)}
        </bdi>
        <span class="leaf-colon">:</span>
      </span>
      <span
        role="gridcell"
        class={whole ? "leaf-value leaf-value-whole" : "leaf-value"}
        aria-readonly={row.standIn !== null || undefined}
      >
        {field ?? (
          <>
            <Value row={row} />
            <Notes row={row} writer={writer} />
          </>
        )}
      </span>
      {pin !== null && field === null && (
        <span role="gridcell" class="leaf-pin">
          {pin.pinned && <span class="visually-hidden">pinned</span>}
          <PinButton {...pin} />
        </span>
      )}
    </>
  );
}

/** What is known about the value. It gets the room that the value leaves. */
function Notes({ row, writer }: Pick<TreeCellsProps, "row" | "writer">) {
  const meaning = row.level === 1 ? meaningOf(row.name) : null;
  if (meaning === null && writer === undefined) return null;
  return (
    <span class="leaf-notes">
      {meaning !== null && (
        <span class="leaf-meaning" title={`Django's own key: ${meaning}`}>
          {meaning}
        </span>
      )}
      {writer !== undefined && (
        <span class="leaf-writer" title={showUnseen(`Last written by ${writer.line} in ${writer.request}`)}>
          {writer.line}
        </span>
      )}
    </span>
  );
}

/** The tree has one tab stop, so the button is for the pointer: on the row, the key P does the same. */
function PinButton({ name, pinned }: PinState) {
  const label = pinned ? `Unpin ${showUnseen(name)}` : `Pin ${showUnseen(name)} as a column`;
  return (
    <button
      type="button"
      class={pinned ? "pin-button pin-button-on" : "pin-button"}
      aria-label={label}
      aria-keyshortcuts="P"
      title={`${label} (P)`}
      tabIndex={-1}
    >
      <Icon name="pin" />
    </button>
  );
}

function isWhole({ shown, cut }: TreeRow): boolean {
  return !cut && shown.length <= MAX_WHOLE;
}

/** An empty key is shown as JSON writes it, otherwise its row would have no name. */
function nameOf(name: string): string {
  if (name === "") return '""';
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

function Value({ row }: { row: TreeRow }) {
  const text = row.cut ? `${row.shown}…` : row.shown;
  return (
    <>
      <bdi
        class={`value value-${row.kind} ${isWhole(row) ? "value-whole" : ""}`}
        title={row.cut ? `${row.json.length} characters, the first ${MAX_SHOWN} shown` : titleOf(row)}
      >
        {text}
      </bdi>
      {row.was !== null && (
        <span class="value-was" title={showUnruly(row.was)}>
          <span class="visually-hidden">before </span>
          <s>
            <bdi>{row.was}</bdi>
          </s>
        </span>
      )}
    </>
  );
}

/** A value that may be cut by its cell is whole in its title. */
function titleOf(row: TreeRow): string | undefined {
  if (row.standIn !== null)
    return showUnseen(`${row.standIn}: ${NO_FORM}, so it cannot be edited. Edits of other keys keep it.`);
  return isWhole(row) ? undefined : showUnruly(row.shown);
}
