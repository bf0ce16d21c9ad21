/** The heads of the timeline's columns; a double click on a pinned one unpins it. */
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { type Column, classOfColumn, LAST_COLUMNS } from "./columns.tsx";

interface TimelineHeaderProps {
  pins: readonly string[];
  onUnpin: (key: string) => void;
  /** Those behind the pinned keys. */
  columns?: readonly Column[];
}

/** The first row of the grid. */
export function TimelineHeader({ pins, onUnpin, columns = LAST_COLUMNS }: TimelineHeaderProps) {
  return (
    <div class="row row-header" role="row" aria-rowindex={1}>
      <span role="columnheader" class="number cell-number">
        #
      </span>
      <span role="columnheader" class="cell-method" title="Method">
        Method
      </span>
      <span role="columnheader" class="cell-path" title="Path">
        Path
      </span>
      <span role="columnheader" class="cell-status" title="Status">
        Status
      </span>
      <span role="columnheader" class="cell-changes" title="Session changes">
        Session changes
      </span>
      {pins.map((key) => (
        <span
          key={key}
          role="columnheader"
          class="cell-pin"
          title={`${showUnseen(key)}, pinned. Double-click to unpin`}
          onDblClick={() => onUnpin(key)}
        >
          <bdi>{key}</bdi>
        </span>
      ))}
      {columns.map((column) => (
        <span key={column.name} role="columnheader" class={classOfColumn(column)} title={column.head}>
          {column.head}
        </span>
      ))}
    </div>
  );
}
