/** One line at the bottom that says what was done and offers to undo it. */

import { useLayoutEffect, useRef } from "preact/hooks";

interface ToastProps {
  text: string;
  undo: boolean;
  busy: boolean;
  onUndo: () => void;
  onClose: () => void;
}

export function Toast({ text, undo, busy, onUndo, onClose }: ToastProps) {
  const line = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    // Shown anew for each text: the latest of the top layer lies above an open dialog.
    line.current?.showPopover?.();
    return () => line.current?.hidePopover?.();
  }, [text]);
  return (
    <section class="toast" popover="manual" aria-label="Last change" ref={line}>
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
