/** Asks before the user's other sessions are ended: how many, what that does, and whether it can be undone. */
interface EndOthersProps {
  /** How many there are. */
  count: number;
  canUndo: boolean;
  onEnd: () => void;
}

/** The contents of its popover. */
export function EndOthers({ count, canUndo, onEnd }: EndOthersProps) {
  return (
    <div class="devices-end">
      <h2>End the others</h2>
      <p>
        {count === 1
          ? "The user's other session will end, and this one stays."
          : `The user's ${count} other sessions will end, and this one stays.`}{" "}
        {canUndo
          ? "You can undo it for five minutes."
          : "This cannot be undone: there are too many sessions, or they are too large."}
      </p>
      <div class="popover-buttons">
        <button type="button" class="button button-primary" onClick={onEnd}>
          {count === 1 ? "End 1 session" : `End ${count} sessions`}
        </button>
      </div>
    </div>
  );
}
