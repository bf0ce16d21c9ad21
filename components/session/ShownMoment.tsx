/** Which moment the session pane shows: now, after the selected request, or the difference of two. */

interface ShownMomentProps {
  /** How the selected request is named; null shows Now. */
  label: string | null;
  /** The other end of a comparison. */
  compared: string | null;
  onNow: () => void;
}

/** The button Now, and next to it what is shown in its place. */
export function ShownMoment({ label, compared, onNow }: ShownMomentProps) {
  return (
    <div class="moment">
      <button type="button" class="moment-now" aria-pressed={label === null} onClick={onNow}>
        Now
      </button>
      {label !== null && (
        <span
          class="moment-then"
          title={compared === null ? `After ${label}` : `${compared} against ${label}`}
        >
          {compared === null ? "After " : `${compared} ↔ `}
          <bdi>{label}</bdi>
        </span>
      )}
    </div>
  );
}
