/** One line at the bottom that says what was done and offers to undo it. */

interface ToastProps {
  text: string;
  undo: boolean;
  busy: boolean;
  onUndo: () => void;
  onClose: () => void;
}

export function Toast({ text, undo, busy, onUndo, onClose }: ToastProps) {
  return (
    <section class="toast" aria-label="Last change">
      <span class="toast-text" title={text}>
        <bdi>{text}</bdi>
      </span>
      {undo && (
        <button type="button" class="toast-button" disabled={busy} onClick={onUndo}>
          Undo
        </button>
      )}
      <button type="button" class="toast-close" aria-label="Dismiss" onClick={onClose}>
        <span class="icon icon-close" aria-hidden="true" />
      </button>
    </section>
  );
}
