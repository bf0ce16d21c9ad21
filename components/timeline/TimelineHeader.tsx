/** The heads of the timeline's columns; a double click on a pinned one unpins it. */
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
      {columns.map((column) => (
        <span key={column.name} role="columnheader" class={classOfColumn(column)}>
          {column.head}
        </span>
      ))}
    </div>
  );
}
