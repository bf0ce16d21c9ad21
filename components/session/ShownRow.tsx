/** Says whose session the pane shows: the one of now, the one after the selected row, or how two rows differ. */
import { showUnseen } from "../../extension/logic/show-unseen.ts";

interface ShownRowProps {
  /** Name of the selected row; null shows Now. */
  row: string | null;
  /** Name of the earlier row of a comparison. */
  from: string | null;
  onNow: () => void;
}

/** The button Now, and next to it the row that is shown in its place. */
export function ShownRow({ row, from, onNow }: ShownRowProps) {
  return (
    <div class="shown-row">
      <button type="button" class="shown-row-now" aria-pressed={row === null} onClick={onNow}>
        Now
      </button>
      {row !== null && (
        <span
          class="shown-row-name"
          title={showUnseen(from === null ? `After ${row}` : `From ${from} to ${row}`)}
        >
          {from === null ? (
            <>
              After <bdi>{row}</bdi>
            </>
          ) : (
            <>
              From <bdi>{from}</bdi> to <bdi>{row}</bdi>
            </>
          )}
        </span>
      )}
    </div>
  );
}
