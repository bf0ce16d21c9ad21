/** Which moment the session pane shows: now, after the selected request, or the difference of two. */

interface WhenProps {
  /** How the selected request is named; null shows Now. */
  label: string | null;
  /** The other end of a comparison. */
  compared: string | null;
  onNow: () => void;
}

export function When({ label, compared, onNow }: WhenProps) {
  return (
    <div class="when">
      <button type="button" class="when-now" aria-pressed={label === null} onClick={onNow}>
        Now
      </button>
      {label !== null && (
        <span class="when-then" title={compared === null ? `After ${label}` : `${compared} against ${label}`}>
          {compared === null ? "After " : `${compared} ↔ `}
          <bdi>{label}</bdi>
        </span>
      )}
    </div>
  );
}
