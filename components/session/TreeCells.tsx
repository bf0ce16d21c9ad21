/** Key and value of one row of the tree. Values are text and nothing else, whatever they hold. */
import type { ComponentChildren } from "preact";
import { meaningOf } from "../../extension/logic/json/django-keys.ts";
import { MAX_SHOWN, type TreeRow } from "../../extension/logic/json/tree-rows.ts";
import type { Writer } from "../../extension/logic/timeline/last-writers.ts";
import { Icon } from "../common/IconButton.tsx";

interface TreeCellsProps {
  row: TreeRow;
  pinned: boolean;
  /** Who wrote it last, where known. */
  writer: Writer | undefined;
  /** Stands in the value's place while it is edited. */
  field: ComponentChildren;
}

const MARKS = { added: "+", changed: "~", removed: "−" } as const;
const MAX_NAME = 120;

export function TreeCells({ row, pinned, writer, field }: TreeCellsProps) {
  const meaning = row.level === 1 ? meaningOf(row.name) : null;
  return (
    <>
      <span role="gridcell" class="leaf-key" style={{ paddingLeft: `${(row.level - 1) * 14}px` }}>
        <span class={row.expanded === null ? "twist twist-none" : "twist"} aria-hidden="true" />
        <span class="leaf-mark">{row.mark === null ? "" : MARKS[row.mark]}</span>
        <bdi class="leaf-name" title={row.name.length > MAX_NAME ? row.name.slice(0, 2000) : undefined}>
          {nameOf(row.name)}
        </bdi>
        <span class="leaf-colon">:</span>
      </span>
      <span role="gridcell" class="leaf-value">
        {field ?? <Value row={row} />}
        {pinned && field === null && <Icon name="pin" />}
        {meaning !== null && field === null && (
          <span class="leaf-meaning" title={`Django's own key: ${meaning}`}>
            {meaning}
          </span>
        )}
        {writer !== undefined && field === null && (
          <span class="leaf-writer" title={`Last written by ${writer.line} in ${writer.request}`}>
            {writer.line}
          </span>
        )}
      </span>
    </>
  );
}

/** An empty key is shown as JSON writes it, or its row would have no name. */
function nameOf(name: string): string {
  if (name === "") return '""';
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

function Value({ row }: { row: TreeRow }) {
  const text = row.cut ? `${row.shown}…` : row.shown;
  return (
    <>
      <bdi
        class={`value value-${row.kind}`}
        title={row.cut ? `${row.json.length} characters, the first ${MAX_SHOWN} shown` : undefined}
      >
        {text}
      </bdi>
      {row.was !== null && (
        <span class="value-was">
          <span class="visually-hidden">before </span>
          <s>
            <bdi>{row.was}</bdi>
          </s>
        </span>
      )}
    </>
  );
}
